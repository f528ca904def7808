"""Remove a user from every event, because the platform has deleted the account."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DataError
from django.utils import timezone

from integrations.users.kept import forget_user
from integrations.users.profiles import remember_removed_user, removed_since
from meetinity_events.api.cache import forget
from meetinity_events.api.removed_users import remember_removed
from registrations.cache import attendees_key, user_events_key
from registrations.errors import EventStarted, RegistrationClosed, RegistrationNotFound
from registrations.leaving import leave_idle_events
from registrations.models import Registration
from registrations.services.cancel_registration import cancel_registration
from registrations.services.close_calendar_feed import close_calendar_feed

RECENT = timedelta(days=1)
AT_A_TIME = 1000
"""Rows that are anonymised in one statement: what bounds memory and how long a row is locked."""
LEFT_TOGETHER = 100
"""Coming events that are read, and left in one transaction, at a time."""


def remove_user(*, user_id: UUID, at: datetime) -> int:
    """Refuse the user from now on, give up every coming seat and place on a waitlist, anonymise what is past.

    Returns how many seats and places were given up. First the tombstone, in a transaction of its own, which every write
    checks in its statement, and the calendar's address; then the coming events in order of their ids, at most
    LEFT_TOGETHER in a transaction, so that none of them is locked for long; last the rows that remain, AT_A_TIME in a
    statement. Calling it again finishes what an earlier call left and is otherwise without effect.
    """
    remember_removed_user(user_id=user_id, at=at)
    remember_removed([user_id])
    forget_user(user_id)
    close_calendar_feed(user_id=user_id)
    left = sum(leave_together(event_ids, user_id) for event_ids in coming_events(user_id))
    while event_ids := Registration.objects.anonymise(user_id, most=AT_A_TIME):
        forget(user_events_key(user_id), *map(attendees_key, event_ids))
    return left


def coming_events(user_id: UUID) -> Iterator[list[UUID]]:
    """The coming events of the user by id, LEFT_TOGETHER at a time, whatever the caller does to them meanwhile."""
    coming = Registration.objects.of_user(user_id).coming(timezone.now()).order_by("event_id")
    ids = coming.values_list("event_id", flat=True)
    page = list(ids[:LEFT_TOGETHER])
    while page:
        yield page
        page = list(ids.filter(event_id__gt=page[-1])[:LEFT_TOGETHER])


def leave_together(event_ids: Sequence[UUID], user_id: UUID) -> int:
    """Leave these events, in one transaction where that holds nobody up, else in one for each; returns how many."""
    try:
        left = leave_idle_events(event_ids=event_ids, user_id=user_id)
    except DataError:
        left = set()
    return len(left) + sum(leave(event_id, user_id) for event_id in event_ids if event_id not in left)


def leave(event_id: UUID, user_id: UUID) -> bool:
    """Give one seat or place back; an event that started or ended meanwhile keeps its row, and is False."""
    try:
        cancel_registration(event_id=event_id, user_id=user_id)
    except (EventStarted, RegistrationClosed, RegistrationNotFound):
        return False
    return True


def finish_removals() -> int:
    """Remove again those of the last day: a registration that was in flight may have slipped past the tombstone.

    Returns how many seats and places that freed.
    """
    now = timezone.now()
    return sum(remove_user(user_id=user_id, at=now) for user_id in removed_since(now - RECENT))
