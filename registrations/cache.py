"""What the cache holds of registrations: the events at which a person has a seat, and who attends an event."""

from collections.abc import Callable, Iterable
from itertools import chain
from uuid import UUID

from django.conf import settings

from events.cache import EVENTS, event_key
from meetinity_events.api.cache import Entry, forget, forget_on_commit
from registrations.models import Registration


def user_events_key(user_id: UUID) -> str:
    """The platform's key of a person's events."""
    return f"user:{user_id}:events"


def attendees_key(event_id: UUID | str) -> str:
    """The platform's key of an event's attendees."""
    return f"event:{event_id}:attendees"


def user_events_entry(user_id: UUID) -> Entry:
    """The ids of the events at which the person has a seat, with blanks between. One query when it is not there."""

    def build() -> bytes:
        seats = Registration.objects.of_user(user_id).holding_a_seat()
        return " ".join(map(str, seats.values_list("event_id", flat=True))).encode()

    return Entry(user_events_key(user_id), settings.CACHE_TIMEOUTS["user_events"], build)


def attendees_entry(event_id: UUID, build: Callable[[], bytes | None]) -> Entry:
    """Who attends an event."""
    return Entry(attendees_key(event_id), settings.CACHE_TIMEOUTS["event_attendees"], build)


def popular_entry(city: str, build: Callable[[], bytes | None]) -> Entry:
    """What is popular in a city, or everywhere; a change of any public event forgets it, a seat does not."""
    return Entry(f"events:popular:{city}", settings.CACHE_TIMEOUTS["popular_events"], build, EVENTS)


def forget_seats_on_commit(event_id: UUID, user_ids: Iterable[UUID]) -> None:
    """These people have got or lost a seat of the event, so that its counter has moved too."""
    own = (user_events_key(user_id) for user_id in user_ids)
    forget_on_commit(event_key(event_id), attendees_key(event_id), *own)


def forget_events_on_commit(event_ids: Iterable[UUID], user_id: UUID) -> None:
    """The same of one person and many events."""
    keys = chain.from_iterable((event_key(event_id), attendees_key(event_id)) for event_id in event_ids)
    forget_on_commit(user_events_key(user_id), *keys)


def forget_again(event_ids: Iterable[str]) -> None:
    """What is kept of events whose messages were sent.

    The one who changed them has forgotten them after the commit, unless the process was killed in between: their detail
    would stay as it was for half an hour.
    """
    forget(*chain.from_iterable((event_key(event_id), attendees_key(event_id)) for event_id in event_ids))
