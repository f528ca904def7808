"""The service's own shape of an event: every column under its name."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.images.names import absolute_link, thumbnail_link
from events.rows import COLUMNS

SELECTED = tuple("category_ref_id" if name == "category_id" else name for name in COLUMNS)
"""What a query set has to select before `event_body` can write it; `category_id` through its foreign key."""


def event_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of an event out of a row with the SELECTED columns.

    `distance_km` to the metre where the query asked from a point.
    """
    body = write_event([row[column] for column in SELECTED])
    if "distance_km" in row:
        body["distance_km"] = round(row["distance_km"], 3)
    return body


def write_event(values: Iterable[Any]) -> dict[str, Any]:
    """The JSON object of an event out of the values of its COLUMNS.

    Money as decimal text, coordinates as numbers, links to images absolute, `seats_left` null where the event is
    unlimited.
    """
    body = dict(zip(COLUMNS, values, strict=True))
    link, most = body["image_url"], body["max_attendees"]
    body["latitude"], body["longitude"] = as_number(body["latitude"]), as_number(body["longitude"])
    body["image_thumbnail_url"] = None
    if link is not None:
        body["image_url"], body["image_thumbnail_url"] = absolute_link(link), thumbnail_link(link)
    body["seats_left"] = None if most is None else most - body["current_attendees"]
    return body


def as_number(value: Any) -> float | None:
    """A JSON number out of a decimal."""
    return None if value is None else float(value)
