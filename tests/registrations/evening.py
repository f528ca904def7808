"""An event at whose door somebody stands."""

from datetime import timedelta

from events.models import Event
from tests.factories import Caller, in_days, make_event


def make_evening(organiser: Caller, *guests: Caller, starts_in: timedelta = timedelta(hours=1)) -> Event:
    """An event of three hours that takes check-ins unless said otherwise, and its guests."""
    event = make_event(organiser)
    for guest in guests:
        assert guest.post(f"/events/{event.id}/register").status_code == 201
    start = in_days(0) + starts_in
    Event.objects.filter(pk=event.pk).update(start_date=start, end_date=start + timedelta(hours=3))
    event.refresh_from_db()
    return event
