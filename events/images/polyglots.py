"""Whether an image is a document, an archive or a script as well. Knows no Pillow and no Django.

What protects readers is that every image is decoded and written anew; this is so that its sender is told.
"""

from pathlib import Path

MARKUP = (b"<script", b"<?php", b"<!doctype html", b"<html")
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
ZIP_END, ZIP_END_BYTES = b"PK\x05\x06", 22 + 65_535
PDF_START, PDF_START_BYTES = b"%PDF-", 1024
PADDING = b"\0\t\n\r "
SCRIPT_COMMENT = b"/*"


def is_something_else_too(source: Path, kind: str) -> bool:
    """True for what another program would run or open; `kind` is Pillow's name of the format.

    Raises IndexError for a PNG or GIF that is cut off. A JPEG may go on: cameras append a second image or a film.
    """
    data = source.read_bytes()
    return (
        begins_as_script(data, kind)
        or PDF_START in data[:PDF_START_BYTES]
        or ZIP_END in data[-ZIP_END_BYTES:]
        or any(mark in data for mark in ARCHIVES)
        or any(mark in data.lower() for mark in MARKUP)
        or (kind != "JPEG" and bool(data[end_of(data, kind) :].strip(PADDING)))
    )


def begins_as_script(data: bytes, kind: str) -> bool:
    """JavaScript reads `GIF89a` or JPEG's first four bytes as a name, and needs a comment over the binary rest."""
    if kind == "GIF":
        return SCRIPT_COMMENT in data[6:13]
    return kind == "JPEG" and data[2:6] == b"\xff\xe0" + SCRIPT_COMMENT


def end_of(data: bytes, kind: str) -> int:
    """The offset behind a PNG's or GIF's last byte."""
    return end_of_png(data) if kind == "PNG" else end_of_gif(data)


def end_of_png(data: bytes) -> int:
    """Chunk after chunk: four bytes of length, four of type, the content, four of checksum."""
    at, chunk = 8, b""
    while chunk != b"IEND":
        chunk = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4])
        if at > len(data):
            raise IndexError(at)
    return at


def end_of_gif(data: bytes) -> int:
    """The header and its palette, then extensions (0x21) and frames (0x2c) until the trailer (0x3b)."""
    at = 13 + palette_bytes(data[10])
    while data[at] != 0x3B:
        if data[at] == 0x21:
            at += 2
        elif data[at] == 0x2C:
            at += 11 + palette_bytes(data[at + 9])
        else:
            raise IndexError(at)
        while data[at]:
            at += 1 + data[at]
        at += 1
    return at + 1


def palette_bytes(flags: int) -> int:
    """Three bytes a colour, where the flags say that there is a palette."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
