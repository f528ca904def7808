"""Remove a user from every event, because the platform has deleted the account."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from integrations.users.kept import forget_user
from integrations.users.profiles import remember_removed_user, removed_since
from meetinity_events.api.cache import forget
from meetinity_events.api.removed_users import remember_removed
from registrations.cache import attendees_key, user_events_key
from registrations.errors import EventStarted, RegistrationClosed, RegistrationNotFound
from registrations.models import Registration
from registrations.services.cancel_registration import cancel_registration
from registrations.services.close_calendar_feed import close_calendar_feed

RECENT = timedelta(days=1)
AT_A_TIME = 1000
"""Rows that are read, or anonymised in one statement, at a time: what bounds memory and how long a row is locked."""


def remove_user(*, user_id: UUID, at: datetime) -> int:
    """Refuse the user from now on, give up every coming seat and place on a waitlist, anonymise what is past.

    Returns how many seats and places were given up. First the tombstone, in a transaction of its own, which every write
    checks in its statement, and the calendar's address; then one transaction per event, events in id order, so that no
    lock is held while the next is waited for; last the rows that remain, AT_A_TIME in a statement. Calling it again
    finishes what an earlier call left and is otherwise without effect.
    """
    remember_removed_user(user_id=user_id, at=at)
    remember_removed([user_id])
    forget_user(user_id)
    close_calendar_feed(user_id=user_id)
    left = 0
    for event_id in coming_events(user_id):
        leave(event_id, user_id)
        left += 1
    while event_ids := Registration.objects.anonymise(user_id, most=AT_A_TIME):
        forget(user_events_key(user_id), *map(attendees_key, event_ids))
    return left


def coming_events(user_id: UUID) -> Iterator[UUID]:
    """The coming events of the user by id, a page at a time; what the caller does to them meanwhile is no matter."""
    coming = Registration.objects.of_user(user_id).coming(timezone.now()).order_by("event_id")
    ids = coming.values_list("event_id", flat=True)
    page = list(ids[:AT_A_TIME])
    while page:
        yield from page
        page = list(ids.filter(event_id__gt=page[-1])[:AT_A_TIME])


def leave(event_id: UUID, user_id: UUID) -> None:
    """Give one seat or place back; an event that started or ended meanwhile keeps its row."""
    try:
        cancel_registration(event_id=event_id, user_id=user_id)
    except (EventStarted, RegistrationClosed, RegistrationNotFound):
        return


def finish_removals() -> int:
    """Remove again those of the last day: a registration that was in flight may have slipped past the tombstone.

    Returns how many seats and places that freed.
    """
    now = timezone.now()
    return sum(remove_user(user_id=user_id, at=now) for user_id in removed_since(now - RECENT))
