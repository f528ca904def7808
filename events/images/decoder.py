"""The program that reads an uploaded image and writes it anew: the one place where a decoder meets a stranger's bytes.

`python -m events.images.decoder FOLDER EXTENSION...` decodes `FOLDER/source`, writes `FOLDER/original`, `FOLDER/medium`
and `FOLDER/thumbnail`, and prints one word: the extension of what it wrote, or why it wrote nothing; a file that Pillow
cannot read ends it with an exception. It runs as a process of its own (`events.images.sandbox`) under limits of memory
and time that it sets itself, and knows neither Django nor any secret.
"""

import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from events.images.polyglots import is_something_else_too

MEMORY_BYTES = 190_000_000
"""Address space of the whole process, Python and the libraries included."""
PROGRESSIVE_BYTES = 120_000_000
CPU_SECONDS = 6
FILE_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 12_000
MAX_FRAMES = 200
MAX_ANIMATION_PIXELS = 20_000_000
"""Of all frames together, each counted as large as the image."""
SIDES = {"original": 1600, "medium": 800, "thumbnail": 320}
"""The longer side of each size, in pixels; a smaller image keeps its own."""
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif"}
OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 85}, "PNG": {}, "GIF": {}}
FRAME_MILLISECONDS = 100


class Refused(Exception):
    """Nothing is written; its text is the word that `events.images.sandbox` knows."""


def limit_this_process() -> None:
    """No more memory, time or bytes in a file from here on, and no core dump."""
    if sys.platform == "linux":  # macOS refuses such a limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for what, amount in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def rewrite(folder: Path, allowed: list[str]) -> str:
    """Decode and write the three sizes; returns the extension. Raises Refused, and whatever Pillow raises."""
    source = folder / "source"
    with Image.open(source, formats=list(EXTENSIONS)) as image:
        kind = str(image.format)
        if EXTENSIONS[kind] not in allowed:
            raise Refused("kind")
        if max(image.size) > MAX_SIDE:
            raise Refused("pixels")
        if is_something_else_too(source, kind):
            raise Refused("polyglot")
        frames, timing = read_animation(image) if getattr(image, "is_animated", False) else ([read_still(image)], {})
    for name, side in SIDES.items():
        if name != "original":
            frames, timing = [fit(frames[0], side)], {}
        write(frames, {**OPTIONS[kind], **timing}, kind, folder / name)
    return EXTENSIONS[kind]


def read_still(image: Image.Image) -> Image.Image:
    """The image upright, in the colours of a screen, in its largest size.

    A JPEG is decoded at a half, a quarter or an eighth where that is enough: 50 megapixels then take the memory of 12.
    """
    require_room(image)
    scale = max(1.0, max(image.size) / SIDES["original"])
    image.draft(None, (int(image.width / scale), int(image.height / scale)))
    small = fit(with_plain_pixels(image), SIDES["original"])
    return in_screen_colours(ImageOps.exif_transpose(small))


def require_room(image: Image.Image) -> None:
    """A progressive JPEG is held whole, two bytes a sample, before its first line comes. Raises Refused."""
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    if layers and image.info.get("progressive"):
        finest = max(across for _, across, _, _ in layers) * max(down for _, _, down, _ in layers)
        samples = image.width * image.height * sum(across * down for _, across, down, _ in layers) / finest
        if 2 * samples > PROGRESSIVE_BYTES:
            raise Refused("memory")


def read_animation(image: Image.Image) -> tuple[list[Image.Image], dict[str, Any]]:
    """Every frame in its largest size, and how long each is shown."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(image):
        if len(frames) == MAX_FRAMES or (len(frames) + 1) * image.width * image.height > MAX_ANIMATION_PIXELS:
            raise Refused("frames")
        durations.append(int(frame.info.get("duration", FRAME_MILLISECONDS)))
        frames.append(fit(with_plain_pixels(frame), SIDES["original"]))
    timing: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": durations}
    if "loop" in image.info:
        timing["loop"] = image.info["loop"]
    if any(frame.mode == "RGBA" for frame in frames):
        timing["disposal"] = 2  # a clear spot shows what is behind the image, and not the frame before
    return frames, timing


def with_plain_pixels(image: Image.Image) -> Image.Image:
    """Eight bits a channel, no palette, and an alpha channel where anything is transparent."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        image.load()
        return image
    if image.mode.startswith("I"):
        image = image.point(lambda level: level * (1 / 256))  # `convert` would show all above 255 as white
    return image.convert("RGB" if image.mode == "P" else "L")


def in_screen_colours(image: Image.Image) -> Image.Image:
    """SRGB by the image's own colour profile, which is gone afterwards; without a good one, by the plain formula."""
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            own, screen = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, own, screen, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode == "L" else image.convert(mode)


def fit(image: Image.Image, side: int) -> Image.Image:
    """A copy at most `side` wide and high, never enlarged."""
    ratio = side / max(image.size)
    if ratio >= 1:
        return image.copy()
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def write(frames: list[Image.Image], options: dict[str, Any], kind: str, target: Path) -> None:
    """Pixels and timing alone: Pillow would write comments, profiles and dots per inch that it finds in `info`."""
    for frame in frames:
        frame.info = {}
    frames[0].save(target, kind, **options)


def main(folder: str, allowed: list[str]) -> str:
    """The word to print."""
    limit_this_process()
    try:
        return rewrite(Path(folder), allowed)
    except Refused as refusal:
        return str(refusal)
    except UnidentifiedImageError:
        return "kind"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "pixels"
    except MemoryError:
        return "memory"


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2:]))  # noqa: T201 - what the parent reads
