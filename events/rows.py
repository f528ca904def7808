"""An event as one row: the columns that every answer is made of, and the detail's statement."""

from typing import Any
from uuid import UUID

from events.status import PUBLIC
from meetinity_events.prepared import fetch_all

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
"""As the table and the answers name them."""
AS_WRITTEN = {"latitude": "latitude::float8", "longitude": "longitude::float8", "price": "price::text"}
"""What an answer makes of a decimal, which Python would take five times as long to make."""
COLUMNS_SQL = ", ".join(AS_WRITTEN.get(name, name) for name in COLUMNS)
PUBLIC_SQL = ", ".join(f"'{status}'" for status in PUBLIC)
FIND_PUBLIC_SQL = f"""
    SELECT {COLUMNS_SQL}, registration_form::text FROM events
    WHERE id = %(event_id)s AND status IN ({PUBLIC_SQL})
"""


def find_public_row(event_id: UUID) -> tuple[Any, ...] | None:
    """The columns of a public event and, as JSON text, its registration form. One prepared query."""
    rows = fetch_all(FIND_PUBLIC_SQL, {"event_id": event_id})
    return rows[0] if rows else None
