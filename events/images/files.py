"""The files of images, in Django's default storage: the folder UPLOAD_FOLDER, or the bucket UPLOAD_BUCKET."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from events.errors import ImageStorageAway
from events.images.names import FILE_NAME, SIZES, path_of, size_of

logger = logging.getLogger("event_service.images")


def save_files(name: str, files: Mapping[str, Path]) -> None:
    """Store an image in each of its sizes. Raises ImageStorageAway, and then leaves nothing that it can remove."""
    try:
        for size, path in files.items():
            with path.open("rb") as file:
                default_storage.save(path_of(size_of(name, size)), File(file))
    except OSError as error:
        logger.exception("an image could not be stored")
        forget_files(name)
        raise ImageStorageAway from error


def open_file(file_name: str) -> "File[bytes] | None":
    """A file at its beginning, which the caller closes; None for a name that is not ours or not there.

    Raises ImageStorageAway.
    """
    if not FILE_NAME.fullmatch(file_name):
        return None
    try:
        return default_storage.open(path_of(file_name))
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.exception("an image could not be read")
        raise ImageStorageAway from error


def forget_files(name: str) -> None:
    """Delete an image in all its sizes; what the storage does not delete now is left to `sweep_images`."""
    try:
        for size in SIZES:
            default_storage.delete(path_of(size_of(name, size)))
    except OSError:
        logger.warning("an image could not be deleted", exc_info=True)


def folders_of_files() -> Iterator[list[str]]:
    """The names of all files of ours, one folder after the other."""
    try:
        folders = default_storage.listdir("")[0]
    except FileNotFoundError:
        return  # nobody has uploaded anything yet
    for folder in sorted(folders):
        yield [name for name in default_storage.listdir(folder)[1] if FILE_NAME.fullmatch(name)]
