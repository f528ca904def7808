"""The names of an image: what the column `image_url` holds, what clients get as a link, and where its files lie.

The column holds the path of an image of ours below the gateway's /api, or a link of the client's own, which begins with
https. The name is a UUIDv7: nobody guesses it, and it tells when the image was uploaded.
"""

import re
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

PREFIX = "/events/images/"
MEDIUM, THUMBNAIL = "medium", "thumbnail"
SIZES = ("", MEDIUM, THUMBNAIL)
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
FILE_NAME = re.compile(
    r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
    rf"(?:\.(?:{MEDIUM}|{THUMBNAIL}))?\.(?P<extension>jpg|png|gif)"
)


def new_name(extension: str) -> str:
    """The name of the largest file of a new image."""
    return f"{uuid7()}.{extension}"


def name_of(link: str | None) -> str | None:
    """The name of the largest file of an image of ours; None for any other link."""
    return link.removeprefix(PREFIX) if link is not None and link.startswith(PREFIX) else None


def size_of(name: str, size: str) -> str:
    """The name of another size of the same image: `{id}.thumbnail.jpg`."""
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{size}.{extension}" if size else name


def largest_of(file_name: str) -> str:
    """The name of the image that a file is a size of."""
    return f"{file_name[:36]}.{file_name.rpartition('.')[2]}"


def absolute_link(link: str | None) -> str | None:
    """What a client gets: an image of ours through the gateway, any other link as it is."""
    return f"{settings.API_GATEWAY_URL}/api{link}" if name_of(link) else link


def thumbnail_link(link: str | None) -> str | None:
    """The thumbnail of an image of ours, through the gateway."""
    name = name_of(link)
    return absolute_link(PREFIX + size_of(name, THUMBNAIL)) if name else None


def stored_link(given: str) -> str:
    """What the column holds for a link that a client sends: one of ours, as clients get it, loses its host."""
    below_gateway = given.removeprefix(f"{settings.API_GATEWAY_URL}/api")
    return below_gateway if below_gateway != given and name_of(below_gateway) else given


def path_of(name: str) -> str:
    """Where the storage keeps a file: 256 folders by the last, random, byte of the id."""
    return f"{name[34:36]}/{name}"


def uploaded_at(name: str) -> datetime:
    """The instant in the name."""
    return datetime.fromtimestamp((UUID(name[:36]).int >> 80) / 1000, UTC)
