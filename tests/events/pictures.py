"""Images for tests, and the body that sends one."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

from tests.factories import Caller

BOUNDARY = "pictures"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A gradient: no two sizes of it are the same bytes, and it compresses well."""
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The file of an image."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def picture(kind: str = "PNG", *, width: int = 40, height: int = 20, mode: str = "RGB", **options: Any) -> bytes:
    """A small image."""
    return saved(drawing(width, height, mode), kind, **options)


def animation(frames: int, *, width: int = 40, height: int = 20) -> bytes:
    """A GIF each of whose frames differs from the one before; grey, since Pillow would look long for other colours."""
    first, *others = (Image.new("L", (width, height), number % 256) for number in range(frames))
    return saved(first, "GIF", save_all=True, append_images=others, duration=70, loop=0)


def as_upload(content: bytes, name: str = "", content_type: str = "", field: str = "image") -> bytes:
    """A multipart body with one file; without a type its part has none."""
    lines = [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{field}"; filename="{name or "upload"}"']
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, "", ""]).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def send_image(caller: Caller, event_id: Any, content: bytes, name: str = "", **headers: str) -> Any:
    """POST /events/{id}/image."""
    body = as_upload(content, name)
    return caller.call("POST", f"/events/{event_id}/image", body, CONTENT_TYPE=MULTIPART, **headers)


def file_of(caller: Caller, link: str) -> bytes:
    """The content behind a link of ours, through the gateway that drops its own host and /api."""
    response = caller.get(link.removeprefix("http://localhost:8080/api"))
    assert response.status_code == 200
    return b"".join(chunks_of(response))


def chunks_of(response: Any) -> Iterator[bytes]:
    """A streamed answer, closed afterwards."""
    yield from response.streaming_content
    response.close()


def opened(content: bytes) -> Image.Image:
    """The image in a file, decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image
