"""The change feed: what Kafka was told, for those who do not read Kafka, in the order in which the relay marked it.

A position is drawn when the relay marks a message as published, by one relay at a time. So whoever has read up to a
position has read everything before it; `id`, drawn when a transaction begins to write, would not promise that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.utils.timezone import now

from integrations.errors import CursorExpired, CursorUnreadable
from integrations.models import OutboxMessage
from integrations.outbox.purge import KEPT

CURSOR_SALT = "changes"
# What is published stays KEPT. A reader that begins has a day to come near the end before its cursor is too old, and
# an hour lies between the oldest good cursor and the purge, for clocks that differ.
BEGINS_BEFORE = KEPT - timedelta(days=1)
RESUMES_WITHIN = KEPT - timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the message at `position`; all that was published up to it had been seen `at` that time."""

    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """Some messages of the feed, the cursor that stands behind them, and whether there are more already."""

    messages: Sequence[OutboxMessage]
    next_cursor: str
    has_more: bool


def read_changes(*, cursor: str | None, size: int) -> Changes:
    """Up to `size` messages behind the cursor, without one from six days ago. One query by the index of positions.

    Raises CursorUnreadable, and CursorExpired for one that is so old that messages behind it may have been purged. A
    cursor at the end of the feed is renewed by each reading, so that a reader who asks at least every six days loses
    nothing, however little happens.
    """
    moment = now()
    after = read_cursor(cursor) if cursor else Place(0, moment)
    if after.at < moment - RESUMES_WITHIN:
        raise CursorExpired
    found = OutboxMessage.objects.filter(position__gt=after.position).order_by("position")
    if not cursor:
        found = found.filter(published_at__gte=moment - BEGINS_BEFORE)
    messages = list(found[: size + 1])
    if len(messages) > size:
        last = messages[size - 1]
        assert last.position is not None
        assert last.published_at is not None
        return Changes(messages[:size], write_cursor(Place(last.position, last.published_at)), has_more=True)
    position = messages[-1].position if messages else after.position
    return Changes(messages, write_cursor(Place(position or 0, moment)), has_more=False)


def write_cursor(place: Place) -> str:
    """A place as signed text."""
    return signing.dumps([place.position, place.at.isoformat()], salt=CURSOR_SALT)


def read_cursor(text: str) -> Place:
    """Raises CursorUnreadable for what write_cursor() did not write."""
    try:
        position, at = signing.loads(text, salt=CURSOR_SALT)
    except signing.BadSignature:
        raise CursorUnreadable from None
    return Place(position, datetime.fromisoformat(at))
