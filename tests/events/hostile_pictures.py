"""Files that are no image, more than an image, or an image that is too much, with the status that each of them gets."""

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from tests.events.pictures import animation, picture, saved

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<html><script>alert(1)</script></html>"


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with(kind: bytes, content: bytes) -> bytes:
    """A good PNG with one more chunk behind its header."""
    png = picture("PNG")
    return png[:33] + chunk(kind, content) + png[33:]


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces many pixels and has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def deflated(block: bytes, times: int) -> bytes:
    """What zlib unpacks to the block so many times; the block is packed only once."""
    packer = zlib.compressobj(9)
    header = packer.flush(zlib.Z_SYNC_FLUSH)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)  # leans on nothing before it
    checksum = 1
    for _ in range(times):
        checksum = zlib.adler32(block, checksum)
    return header + packed * times + b"\x03\x00" + struct.pack(">I", checksum)


@cache
def png_bomb(width: int, height: int) -> bytes:
    """All its pixels are there: a thousand times its size."""
    lines = 100 * (b"\0" * (1 + 3 * width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = deflated(lines, height // 100)
    return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG whose frame header has been rewritten."""
    jpeg = bytearray(picture("JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def zip_archive() -> bytes:
    """An archive with one file."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("index.html", PAGE)
    return file.getvalue()


@cache
def bomb_of_text() -> bytes:
    """200 MB of nothing."""
    return deflated(bytes(1_000_000), 200)


@cache
def progressive_bomb() -> bytes:
    """24 megapixels that the decoder would hold whole."""
    return saved(Image.new("RGB", (6000, 4000)), "JPEG", progressive=True, subsampling=0)


@cache
def bomb_of_frames() -> bytes:
    """Six frames of 4 megapixels."""
    return animation(6, width=2000, height=2000)


def gif_script() -> bytes:
    """`GIF89a/*...*/=1;alert(1)`: the width of the screen opens a comment that its extension closes."""
    gif = picture("GIF", comment=b"*/=1;alert(1)/*")
    return gif[:6] + b"/*" + gif[8:]


HOSTILE: Mapping[str, tuple[int, Callable[[], bytes]]] = {
    "nothing": (422, lambda: b""),
    "one byte": (415, lambda: b"\xff"),
    "text": (415, lambda: b"no image"),
    "SVG": (415, lambda: SVG),
    "a page": (415, lambda: PAGE),
    "WebP": (415, lambda: picture("WEBP")),
    "TIFF": (415, lambda: picture("TIFF")),
    "BMP": (415, lambda: picture("BMP")),
    "an archive": (415, zip_archive),
    "GIF and script": (422, gif_script),
    "GIF and script behind it": (422, lambda: picture("GIF") + b"*/=1;alert(1)//;"),
    "JPEG and script": (422, lambda: picture("JPEG")[:4] + b"/*" + picture("JPEG")[6:]),
    "JPEG and archive": (422, lambda: picture("JPEG") + zip_archive()),
    "JPEG and PHP": (422, lambda: picture("JPEG", comment=b"<?PHP system($_GET[0]);")),
    "JPEG and PDF": (422, lambda: picture("JPEG", comment=b"%PDF-1.7\n1 0 obj")),
    "PNG and page": (422, lambda: picture("PNG") + PAGE),
    "PNG with a page inside": (422, lambda: png_with(b"tEXt", b"Comment\0" + PAGE)),
    "PNG and bytes": (422, lambda: picture("PNG") + b"\x01"),
    "PNG and archive": (422, lambda: picture("PNG") + zip_archive()),
    "half a JPEG": (422, lambda: picture("JPEG", width=400, height=400)[:-900]),
    "half a PNG": (422, lambda: picture("PNG", width=400, height=400)[:-300]),
    "half a GIF": (422, lambda: animation(9)[:-40]),
    "PNG without its end": (422, lambda: picture("PNG")[:-12]),
    "PNG with a bad checksum": (422, lambda: picture("PNG").replace(b"IDAT", b"IDAT\xff", 1)),
    "PNG header of 2 Gpx": (413, lambda: png_header(50_000, 50_000)),
    "PNG header of 0 px": (415, lambda: png_header(0, 0)),
    "JPEG header of 4 Gpx": (413, lambda: jpeg_header(65_500, 65_500)),
    "GIF header of 4 Gpx": (413, lambda: picture("GIF")[:6] + b"\xff\xff\xff\xff" + picture("GIF")[10:]),
    "a line of pixels": (413, lambda: png_header(12_001, 1)),
    "PNG bomb": (413, lambda: png_bomb(7000, 7000)),
    "progressive JPEG": (413, progressive_bomb),
    "text bomb": (422, lambda: png_with(b"zTXt", b"Comment\0\0" + bomb_of_text())),
    "profile bomb": (422, lambda: png_with(b"iCCP", b"Profile\0\0" + bomb_of_text())),
    "too many frames": (413, lambda: animation(201, width=4, height=4)),
    "frames of too many pixels": (413, bomb_of_frames),
}
