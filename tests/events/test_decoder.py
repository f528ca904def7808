"""What becomes of the pixels of an upload, and that nothing else of it is left."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from events.images.decoder import Refused, rewrite
from tests.events.pictures import animation, drawing, opened, picture, saved

ALL = ["gif", "jpg", "png"]
ORIENTATION = 0x0112
SECRET = b"48.8584 N 2.2945 E"


def decoded(content: bytes, folder: Path) -> Image.Image:
    """The largest size of what comes out."""
    (folder / "source").write_bytes(content)
    rewrite(folder, ALL)
    return opened((folder / "original").read_bytes())


def with_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010E] = SECRET.decode()
    return exif


@pytest.mark.parametrize(
    ("kind", "given", "sides"),
    [
        ("JPEG", (4000, 2000), [(1600, 800), (800, 400), (320, 160)]),
        ("PNG", (1000, 2000), [(800, 1600), (400, 800), (160, 320)]),
        ("GIF", (400, 300), [(400, 300), (400, 300), (320, 240)]),
        ("PNG", (5000, 1), [(1600, 1), (800, 1), (320, 1)]),
        ("PNG", (1, 1), [(1, 1), (1, 1), (1, 1)]),
    ],
)
def test_three_sizes_none_enlarged(
    kind: str, given: tuple[int, int], sides: list[tuple[int, int]], tmp_path: Path
) -> None:
    width, height = given
    (tmp_path / "source").write_bytes(picture(kind, width=width, height=height))

    extension = rewrite(tmp_path, ALL)

    results = [opened((tmp_path / name).read_bytes()) for name in ("original", "medium", "thumbnail")]
    assert extension == {"JPEG": "jpg", "PNG": "png", "GIF": "gif"}[kind]
    assert [(result.format, result.size) for result in results] == [(kind, size) for size in sides]


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    photo = Image.new("RGB", (60, 40), "red")
    photo.paste("blue", (0, 0, 30, 40))

    upright = decoded(saved(photo, "JPEG", exif=with_exif(6), quality=95), tmp_path).convert("RGB")

    assert upright.size == (40, 60)
    top, bottom = upright.getpixel((20, 5)), upright.getpixel((20, 55))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[2] > 200, bottom[0] > 200) == (True, True)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"exif": with_exif(), "comment": SECRET, "xmp": b"<x>" + SECRET + b"</x>", "dpi": (71, 71)}),
        ("PNG", {"exif": with_exif(), "dpi": (71, 71)}),
        ("GIF", {"comment": SECRET}),
    ],
)
def test_nothing_but_pixels_is_left(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    content = picture(kind, **options)
    assert SECRET in content

    decoded(content, tmp_path)

    for name in ("original", "medium", "thumbnail"):
        written = (tmp_path / name).read_bytes()
        assert SECRET not in written
        assert len(opened(written).getexif()) == 0
        assert {"exif", "comment", "xmp", "icc_profile"} & set(opened(written).info) == set()


def test_a_colour_profile_is_applied_before_it_goes(tmp_path: Path) -> None:
    """Lab is as far from sRGB as a profile can be: kept numbers would show another picture."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = decoded(picture("PNG", icc_profile=srgb), tmp_path)
    assert list(kept.convert("RGB").tobytes()) == list(drawing(40, 20, "RGB").tobytes())

    broken = decoded(picture("PNG", icc_profile=b"no profile at all"), tmp_path)
    assert broken.tobytes() == kept.tobytes()


def test_ink_becomes_light(tmp_path: Path) -> None:
    page = Image.new("CMYK", (40, 20), (0, 255, 255, 0))

    printed = decoded(saved(page, "JPEG", quality=95), tmp_path)

    red, green, blue = printed.getpixel((20, 10))  # type: ignore[misc]
    assert (printed.mode, red > 200, green < 40, blue < 40) == ("RGB", True, True, True)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = Image.new("I;16", (40, 20), 0x8000)

    assert decoded(saved(deep), tmp_path).getpixel((20, 10)) == 128


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_kind_of_pixel_is_taken(mode: str, tmp_path: Path) -> None:
    result = decoded(picture("PNG", mode=mode), tmp_path)

    assert result.mode == {"1": "L", "L": "L", "P": "RGB"}.get(mode, "RGBA")
    grey = result.convert("L").getpixel((20, 19))
    assert isinstance(grey, int)
    assert grey > 200


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_what_is_transparent_stays_so(kind: str, tmp_path: Path) -> None:
    window = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    window.paste((255, 0, 0, 255), (0, 0, 20, 20))

    result = decoded(saved(window, kind), tmp_path).convert("RGBA")

    assert (result.getpixel((5, 5)), result.getpixel((35, 5))[3]) == ((255, 0, 0, 255), 0)  # type: ignore[index]


def test_an_animation_keeps_its_frames_and_times_in_the_largest_size(tmp_path: Path) -> None:
    film = decoded(animation(5), tmp_path)

    frames: int = film.n_frames  # type: ignore[attr-defined]
    assert (frames, film.info["duration"], film.info["loop"]) == (5, 70, 0)
    still = Image.open(BytesIO((tmp_path / "thumbnail").read_bytes()))
    assert still.n_frames == 1  # type: ignore[attr-defined]


def test_a_film_of_200_frames_is_taken_and_one_more_is_not(tmp_path: Path) -> None:
    assert decoded(animation(200, width=4, height=4), tmp_path).n_frames == 200  # type: ignore[attr-defined]

    with pytest.raises(Refused, match="frames"):
        decoded(animation(201, width=4, height=4), tmp_path)


def test_the_pixels_of_all_frames_count_together(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="frames"):
        decoded(animation(6, width=2000, height=2000), tmp_path)


def test_a_camera_may_append_its_second_picture(tmp_path: Path) -> None:
    assert decoded(picture("JPEG") + picture("JPEG") + b"SEFT", tmp_path).size == (40, 20)


def test_only_the_kinds_that_are_allowed_are_taken(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(picture("JPEG"))

    with pytest.raises(Refused, match="kind"):
        rewrite(tmp_path, ["png"])
