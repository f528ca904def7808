"""What the fields of an event must satisfy: words for one field, and rules that look at several.

The formats are validators that a serializer or a form attaches to its field; `check_together` is what every service
asks with the whole record, so that a partial change is judged beside what it leaves as it is.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import pycountry
from django.core.exceptions import ValidationError

from events.images.names import name_of
from meetinity_events.errors import InvalidFields

MAX_TAGS = 10
MAX_TAG_LENGTH = 50


@cache
def currencies() -> frozenset[str]:
    """The codes of ISO 4217."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@cache
def timezones() -> frozenset[str]:
    """The names of the IANA time zone database, without what a computer adds for a place of its own."""
    return frozenset(available_timezones() - {"localtime"})


def validate_currency(code: str) -> None:
    """Three capital letters out of ISO 4217."""
    if code not in currencies():
        raise ValidationError("This is not an ISO 4217 currency code.")


def validate_timezone(name: str) -> None:
    """A name such as Europe/Paris."""
    if name not in timezones():
        raise ValidationError("This is not an IANA time zone.")


def validate_https(link: str) -> None:
    """An absolute https address: these links end up in other people's browsers."""
    try:
        parts = urlsplit(link)
        is_good = parts.scheme == "https" and bool(parts.hostname) and not any(c.isspace() for c in link)
    except ValueError:
        is_good = False
    if not is_good:
        raise ValidationError("This must be an https:// address.")


def normalise_tags(tags: Sequence[str]) -> list[str]:
    """Trimmed, lower-cased, each once, in the order given."""
    return list(dict.fromkeys(tag.strip().lower() for tag in tags))


def check_together(event: Mapping[str, Any]) -> None:
    """Raises InvalidFields (422) for fields that contradict each other."""
    details: dict[str, list[str]] = {}
    if event["end_date"] is not None and event["end_date"] <= event["start_date"]:
        details["end_date"] = ["This must be after start_date."]
    if (event["latitude"] is None) != (event["longitude"] is None):
        missing = "latitude" if event["latitude"] is None else "longitude"
        details[missing] = ["Latitude and longitude belong together."]
    if event["is_virtual"] and not event["virtual_link"]:
        details["virtual_link"] = ["A virtual event needs a link."]
    if details:
        raise InvalidFields(details=details)


def refuse_uploaded_image(changes: Mapping[str, Any]) -> None:
    """Raises InvalidFields for a link to an uploaded image: it belongs to one event and goes with it."""
    if name_of(changes.get("image_url")):
        raise InvalidFields(details={"image_url": ["Upload the image to this event instead."]})
