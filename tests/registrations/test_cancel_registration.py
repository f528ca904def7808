"""Giving up a seat."""

import pytest

from events.models import Event
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", ["DELETE register", "POST unregister"])
def test_cancel_registration_gives_the_seat_back_and_says_so(alice: Caller, bob: Caller, way: str) -> None:
    event = make_event(alice, max_attendees=1)
    bob.post(f"/events/{event.id}/register")
    method, path = way.split()

    response = bob.call(method, f"/events/{event.id}/{path}")

    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert Event.objects.get().current_attendees == 0
    (message,) = messages("event.registration.cancelled")
    assert message["registration_id"] == str(Registration.objects.get().id)


def test_calling_it_again_changes_nothing(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    bob.delete(f"/events/{event.id}/register")
    before = snapshot(event)

    assert bob.delete(f"/events/{event.id}/register").status_code == 200
    assert snapshot(event) == before


def test_one_may_register_again_after_cancelling(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    first = bob.post(f"/events/{event.id}/register", {"registration_data": {"a": 1}}).json()
    bob.delete(f"/events/{event.id}/register")

    second = bob.post(f"/events/{event.id}/register").json()

    assert (second["id"], second["status"], second["registration_data"]) == (first["id"], "registered", None)
    assert Event.objects.get().current_attendees == 1
    assert [message["registration_id"] for message in messages("event.registration.created")] == [first["id"]] * 2


def test_who_never_registered_has_nothing_to_cancel(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event)

    assert carol.delete(f"/events/{event.id}/register").status_code == 404
    assert snapshot(event) == before


def test_it_is_too_late_once_the_event_has_started(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    Event.objects.update(start_date=in_days(-1))
    before = snapshot(event)

    response = bob.delete(f"/events/{event.id}/register")

    assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": ["event_started"]})
    assert snapshot(event) == before


def test_an_attendance_cannot_be_cancelled(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    Registration.objects.update(status="attended")
    before = snapshot(event)

    response = bob.delete(f"/events/{event.id}/register")

    assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": ["registration_closed"]})
    assert snapshot(event) == before
