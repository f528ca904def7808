"""The last seat under load: real threads over HTTP against gunicorn, with two controls that show the test can fail."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from events.models import Event
from tests.factories import Caller, make_event, messages
from tests.live import LiveService

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Crowd = Callable[[int], list[Caller]]


def figures(event: Event) -> tuple[int, int, int]:
    """Seats counted, registrations stored, messages recorded."""
    event.refresh_from_db()
    return event.current_attendees, event.registrations.count(), len(messages("event.registration.created"))


def test_a_hundred_seats_and_five_hundred_at_once_make_exactly_a_hundred(
    alice: Caller, crowd: Crowd, live: LiveService
) -> None:
    event = make_event(alice, max_attendees=100)

    statuses = Counter(live.call_at_once(crowd(500), "POST", f"/events/{event.id}/register"))

    assert statuses == {201: 100, 409: 400}
    assert figures(event) == (100, 100, 100)


def test_one_person_fifty_times_at_once_takes_one_seat(alice: Caller, bob: Caller, live: LiveService) -> None:
    event = make_event(alice)

    statuses = Counter(live.call_at_once([bob] * 50, "POST", f"/events/{event.id}/register"))

    assert statuses == {201: 1, 409: 49}
    assert figures(event) == (1, 1, 1)


def test_leaving_fifty_times_at_once_gives_one_seat_back(
    alice: Caller, bob: Caller, carol: Caller, live: LiveService
) -> None:
    event = make_event(alice)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register")

    statuses = Counter(live.call_at_once([bob] * 50, "DELETE", f"/events/{event.id}/register"))

    assert statuses == {200: 50}
    event.refresh_from_db()
    assert event.current_attendees == 1
    assert len(messages("event.registration.cancelled")) == 1


def test_coming_and_going_at_once_keeps_counter_rows_and_messages_equal(
    alice: Caller, crowd: Crowd, live: LiveService
) -> None:
    event = make_event(alice, max_attendees=10)
    people = crowd(30)

    for method in ("POST", "DELETE", "POST", "DELETE", "POST"):
        live.call_at_once(people, method, f"/events/{event.id}/register")

    event.refresh_from_db()
    joined, left = len(messages("event.registration.created")), len(messages("event.registration.cancelled"))
    assert event.current_attendees == event.registrations.holding_a_seat().count() == joined - left == 10


def test_without_the_guard_the_constraint_still_holds(alice: Caller, crowd: Crowd, careless: LiveService) -> None:
    event = make_event(alice, max_attendees=10)

    statuses = Counter(careless.call_at_once(crowd(50), "POST", f"/events/{event.id}/register"))

    assert statuses == {201: 10, 500: 40}
    assert figures(event) == (10, 10, 10)


def test_without_guard_and_constraint_the_event_is_oversold(alice: Caller, crowd: Crowd, careless: LiveService) -> None:
    """The control: the same load does oversell a service that does not guard its seats."""
    event = make_event(alice, max_attendees=10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conname = 'events_seats_within_capacity' AND conparentid = 0"
        )
        definition = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE events DROP CONSTRAINT events_seats_within_capacity")
        try:
            statuses = Counter(careless.call_at_once(crowd(50), "POST", f"/events/{event.id}/register"))
            assert statuses == {201: 50}
            assert figures(event) == (50, 50, 50)
        finally:
            cursor.execute("DELETE FROM events")
            cursor.execute(f"ALTER TABLE events ADD CONSTRAINT events_seats_within_capacity {definition}")
