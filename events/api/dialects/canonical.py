"""The service's own shape of an event: every column under its name."""

from collections.abc import Mapping
from typing import Any

from events.images.names import absolute_link, thumbnail_link
from events.rows import COLUMNS

SELECTED = tuple("category_ref_id" if name == "category_id" else name for name in COLUMNS)
"""What a query set has to select before `event_body` can write it; `category_id` through its foreign key."""


def event_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of an event out of a row with the SELECTED columns.

    Money as decimal text, coordinates as numbers, links to images absolute, `seats_left` null where the event is
    unlimited, `distance_km` to the metre where the query asked from a point.
    """
    body = {name: row[column] for name, column in zip(COLUMNS, SELECTED, strict=True)}
    body["latitude"], body["longitude"] = as_number(row["latitude"]), as_number(row["longitude"])
    body["image_url"], body["image_thumbnail_url"] = absolute_link(row["image_url"]), thumbnail_link(row["image_url"])
    body["seats_left"] = None if row["max_attendees"] is None else row["max_attendees"] - row["current_attendees"]
    if "distance_km" in row:
        body["distance_km"] = round(row["distance_km"], 3)
    return body


def as_number(value: Any) -> float | None:
    """A JSON number out of a decimal."""
    return None if value is None else float(value)
