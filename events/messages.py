"""What Kafka hears about an event: the platform's keys, and the ones added in `docs/messages`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from events.models import Event
from integrations.kafka.envelope import format_time

MAX_AFFECTED_USERS = 1000


class EventCreated(TypedDict):
    """An event became public."""

    event_type: str
    event_id: str
    title: str
    category: str | None
    start_date: str
    location: str | None
    created_by: str
    timestamp: str
    tags: list[str]
    end_date: str | None
    is_virtual: bool
    version: int


class EventUpdated(TypedDict):
    """Fields of a public event changed; `updated_fields` are exactly those."""

    event_type: str
    event_id: str
    updated_fields: list[str]
    timestamp: str
    version: int


class EventCancelled(TypedDict):
    """A public event will not take place; `affected_users` held a seat or waited, 1,000 at most in a part."""

    event_type: str
    event_id: str
    reason: str
    affected_users: list[str]
    timestamp: str
    category: str | None
    part: int
    parts: int


class EventEnded(TypedDict):
    """A public event is over (`event.completed`), or its record is gone (`event.deleted`)."""

    event_type: str
    event_id: str
    timestamp: str
    category: str | None
    version: int


def event_created(event: Event, at: datetime) -> EventCreated:
    """The message of an event that became public at `at`."""
    return EventCreated(
        event_type="event.created",
        event_id=str(event.id),
        title=event.title,
        category=event.category,
        start_date=format_time(event.start_date),
        location=event.location,
        created_by=str(event.created_by),
        timestamp=format_time(at),
        tags=event.tags,
        end_date=format_time(event.end_date) if event.end_date else None,
        is_virtual=event.is_virtual,
        version=event.version,
    )


def event_updated(event: Event, fields: Sequence[str], at: datetime) -> EventUpdated:
    """The message of a change."""
    return EventUpdated(
        event_type="event.updated",
        event_id=str(event.id),
        updated_fields=list(fields),
        timestamp=format_time(at),
        version=event.version,
    )


def event_cancelled(event: Event, reason: str, users: Sequence[UUID], at: datetime) -> Iterator[EventCancelled]:
    """One message for each thousand of the affected users, and one when nobody is affected."""
    parts = max(1, -(-len(users) // MAX_AFFECTED_USERS))
    for part in range(parts):
        affected = users[part * MAX_AFFECTED_USERS : (part + 1) * MAX_AFFECTED_USERS]
        yield EventCancelled(
            event_type="event.cancelled",
            event_id=str(event.id),
            reason=reason,
            affected_users=[str(user) for user in affected],
            timestamp=format_time(at),
            category=event.category,
            part=part + 1,
            parts=parts,
        )


def event_completed(event: Event, at: datetime) -> EventEnded:
    """The message of an event that took place."""
    return event_ended("event.completed", event, at)


def event_deleted(event: Event, at: datetime) -> EventEnded:
    """The message of a record that is gone."""
    return event_ended("event.deleted", event, at)


def event_ended(event_type: str, event: Event, at: datetime) -> EventEnded:
    """Either of the two."""
    return EventEnded(
        event_type=event_type,
        event_id=str(event.id),
        timestamp=format_time(at),
        category=event.category,
        version=event.version,
    )
