"""Promises matching-service to be told who attended an event, in the transaction in which that was found out."""

from collections.abc import Iterable, Sequence
from typing import TypedDict
from uuid import UUID

from integrations.models import Destination
from integrations.outbox.record import insert_sql, record

PATH = "/matches/events/attendance"
MESSAGE_TYPE = "matching.attendance"
# In one row of the outbox, and in one call.
MAX_ATTENDEES = 1000


class Attendance(TypedDict):
    """The body of `POST /matches/events/attendance` as the platform's document has it; ids are lower-case UUID text."""

    event_id: str
    attendees: list[str]
    event_category: str
    event_tags: list[str]


def record_attendance(*, event_id: UUID, attendees: Iterable[UUID], category: str, tags: Sequence[str]) -> None:
    """Promise that matching-service hears that `attendees` attended; nobody attended promises nothing.

    Writes one row for each thousand distinct attendees. Raises RuntimeError outside of a transaction. What is recorded
    is sent within about half a minute, together with what was recorded of the same event meanwhile; a repeat tells the
    same once more, and what was told is never taken back: the call has no words for it.
    """
    users = sorted({str(user_id) for user_id in attendees})
    for start in range(0, len(users), MAX_ATTENDEES):
        payload = Attendance(
            event_id=str(event_id),
            attendees=users[start : start + MAX_ATTENDEES],
            event_category=category,
            event_tags=list(tags),
        )
        record(message_type=MESSAGE_TYPE, key=event_id, payload=payload, topic=PATH, destination=Destination.MATCHING)


def attendance_sql(*, source: str) -> str:
    """The same as a piece of a statement with data-modifying CTEs, which is executed with record.insert_params().

    `source` has a row for each attendee, with event_id, user_id, category and tags (text[]) of the event; nobody there
    promises nothing. Returns the ids of the messages.
    """
    parts = f"""(
        SELECT event_id, category, tags, jsonb_agg(user_id::text ORDER BY user_id) AS attendees
        FROM (
            SELECT DISTINCT event_id, category, tags, user_id,
                (dense_rank() OVER (PARTITION BY event_id ORDER BY user_id) - 1) / {MAX_ATTENDEES} AS part
            FROM {source}
        ) AS numbered
        GROUP BY event_id, category, tags, part
    ) AS attendance"""
    return insert_sql(
        message_type=MESSAGE_TYPE,
        source=parts,
        key_sql="attendance.event_id::text",
        payload_sql="""jsonb_build_object(
            'event_id', attendance.event_id::text,
            'attendees', attendance.attendees,
            'event_category', attendance.category,
            'event_tags', to_jsonb(attendance.tags)
        )""",
        topic=PATH,
        destination=Destination.MATCHING,
    )
