"""When it may be written down who came: the rules of time around an event."""

from datetime import datetime, timedelta

from django.conf import settings

from events.errors import EventNotStarted
from events.models import Event
from events.status import EventStatus
from registrations.errors import CheckInClosed, CheckInNotOpen

OPENS_BEFORE = timedelta(hours=24)
TAKES_PLACE = (EventStatus.ACTIVE, EventStatus.COMPLETED)


def grace() -> timedelta:
    """How long after its end an event still takes check-ins; afterwards who is missing did not come."""
    return timedelta(hours=settings.ATTENDANCE_GRACE_HOURS)


def opens_at(event: Event) -> datetime:
    """The first moment of check-in."""
    return event.start_date - OPENS_BEFORE


def closes_at(event: Event) -> datetime:
    """The last one: this is when a ticket expires."""
    return event.ends_at + grace()


def require_opened(event: Event, now: datetime) -> None:
    """Raises CheckInNotOpen before the first moment, CheckInClosed for an event that does not take place."""
    if event.status not in TAKES_PLACE:
        raise CheckInClosed
    if now < opens_at(event):
        raise CheckInNotOpen


def require_open(event: Event, now: datetime) -> None:
    """Raises CheckInNotOpen and CheckInClosed outside of the two moments."""
    require_opened(event, now)
    if now > closes_at(event):
        raise CheckInClosed


def require_started(event: Event, now: datetime) -> None:
    """Raises EventNotStarted while everybody may still come, CheckInClosed for an event that does not take place."""
    if event.status not in TAKES_PLACE:
        raise CheckInClosed
    if now < event.start_date:
        raise EventNotStarted
