"""The service's own shape of an event: every column under its name."""

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    "id",
    "title",
    "description",
    "location",
    "latitude",
    "longitude",
    "start_date",
    "end_date",
    "timezone",
    "max_attendees",
    "current_attendees",
    "category",
    "category_id",
    "tags",
    "image_url",
    "is_virtual",
    "virtual_link",
    "price",
    "currency",
    "status",
    "created_by",
    "version",
    "created_at",
    "updated_at",
)
"""What a query has to select (`category_id` through its foreign key) before `event_body` can write it."""

SELECTED = tuple("category_ref_id" if name == "category_id" else name for name in COLUMNS)


def event_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of an event out of a row with the SELECTED columns.

    Money as decimal text, coordinates as numbers, `seats_left` null where the event is unlimited, `distance_km` to the
    metre where the query asked from a point.
    """
    body = {name: row[column] for name, column in zip(COLUMNS, SELECTED, strict=True)}
    body["latitude"], body["longitude"] = as_number(row["latitude"]), as_number(row["longitude"])
    if "distance_km" in row:
        body["distance_km"] = round(row["distance_km"], 3)
    body["seats_left"] = None if row["max_attendees"] is None else row["max_attendees"] - row["current_attendees"]
    return body


def as_number(value: Any) -> float | None:
    """A JSON number out of a decimal."""
    return None if value is None else float(value)
