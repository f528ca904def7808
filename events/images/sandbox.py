"""Runs the decoder: one upload at a time in each worker, in a process without secrets that may crash or be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

from django.core.files.uploadedfile import UploadedFile

from events.errors import (
    ImageDecoderBusy,
    ImageIsSomethingElse,
    ImageKindRefused,
    ImageTooLarge,
    ImageUnreadable,
)
from events.images.names import CONTENT_TYPES, SIZES
from meetinity_events.errors import DomainError

DECODE_SECONDS = 8.0
"""The most that a decoder runs by the clock; by its own limit it has 6 s of processor time."""
TURN_SECONDS = 2.0
"""How long an upload waits for the one before it in this worker."""
RETRY_SECONDS = 5
NO_LABELS = {"", "application/octet-stream"}
ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
REFUSALS: Mapping[str, type[DomainError]] = {
    "kind": ImageKindRefused,
    "pixels": ImageTooLarge,
    "frames": ImageTooLarge,
    "memory": ImageTooLarge,
    "polyglot": ImageIsSomethingElse,
}
BY_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
# What finds Python's own libraries; nothing else of this process's environment is the decoder's business.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")
PROJECT_ROOT = Path(__file__).resolve().parents[2]
turns = BoundedSemaphore(1)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An image made anew: its extension, and a file for each size, "" being the largest."""

    extension: str
    files: Mapping[str, Path]


@contextmanager
def rewritten(upload: "UploadedFile[bytes]", extensions: Collection[str]) -> Iterator[Rewritten]:
    """Decode the upload; the files last as long as the block. `extensions` are those that its content may have.

    Raises ImageKindRefused, ImageTooLarge, ImageUnreadable, ImageIsSomethingElse, ImageDecoderBusy. Takes 10 s at most.
    """
    with TemporaryDirectory(prefix="meetinity-image-") as name:
        folder = Path(name)
        with (folder / "source").open("wb") as source:
            source.writelines(upload.chunks())
        word = decode(folder, sorted({"jpg" if extension == "jpeg" else extension for extension in extensions}))
        if word in REFUSALS:
            raise REFUSALS[word]
        require_label(upload, word)
        yield Rewritten(word, {size: folder / (size or "original") for size in SIZES})


def require_label(upload: "UploadedFile[bytes]", extension: str) -> None:
    """Raises ImageKindRefused when the name or the type that came with the upload says that it is something else."""
    said = {guess_type(upload.name or "")[0] or "", upload.content_type or ""} - NO_LABELS
    if {ALIASES.get(label, label) for label in said} - {CONTENT_TYPES[extension]}:
        raise ImageKindRefused


def decode(folder: Path, extensions: Collection[str]) -> str:
    """The decoder's word about `folder`. Raises ImageDecoderBusy, ImageTooLarge, ImageUnreadable."""
    if not turns.acquire(timeout=TURN_SECONDS):
        raise ImageDecoderBusy(retry_after_seconds=RETRY_SECONDS)
    try:
        done = subprocess.run(  # noqa: S603 - the program is ours, the folder and the words too
            [sys.executable, "-m", "events.images.decoder", str(folder), *extensions],
            cwd=PROJECT_ROOT,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DECODE_SECONDS,
            text=True,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise ImageTooLarge from None
    except subprocess.CalledProcessError as error:
        raise (ImageTooLarge if error.returncode in BY_TIME else ImageUnreadable) from None
    finally:
        turns.release()
    return done.stdout.strip()
