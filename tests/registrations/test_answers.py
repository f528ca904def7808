"""The answers of a registration: changed by its guest or the organiser until the event starts."""

from typing import Any

import pytest

from events.models import Event
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event, snapshot
from tests.registrations.evening import make_evening
from tests.registrations.test_attendance import types

pytestmark = pytest.mark.django_db


def test_answers_may_be_changed_until_the_event_starts(alice: Caller, bob: Caller, root: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register", {"registration_data": {"diet": "vegan"}})
    row = Registration.objects.get()
    path = f"/events/{event.id}/registrations/{row.id}"

    own = bob.patch(path, {"registration_data": {"diet": "none"}})

    assert (own.status_code, own.json()["registration_data"]) == (200, {"diet": "none"})
    assert "checked_in_by" not in own.json()
    before = snapshot(event)
    assert bob.patch(path, {"registration_data": {"diet": "none"}}).status_code == 200
    assert snapshot(event) == before
    assert alice.patch(path, {"registration_data": None}).json()["registration_data"] is None
    assert root.patch(path, {"registration_data": {"a": [1]}}).json()["checked_in_by"] is None
    assert Registration.objects.get().updated_at > row.updated_at
    assert types() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "registration_data"),
        ({"registration_data": []}, "registration_data"),
        ({"registration_data": {"a": "x" * 16_384}}, "registration_data"),
        ({"registration_data": {"a\0": 1}}, "registration_data"),
        ({"registration_data": {}, "status": "attended"}, "status"),
        ({"checked_in_at": "2026-01-01T00:00:00Z"}, "checked_in_at"),
    ],
)
def test_a_bad_change_of_answers_is_refused(alice: Caller, bob: Caller, body: Any, field: str) -> None:
    event = make_evening(alice, bob)
    before = snapshot(event)

    response = bob.patch(f"/events/{event.id}/registrations/{Registration.objects.get().id}", body)

    assert (response.status_code, list(response.json()["error"]["details"])) == (422, [field])
    assert snapshot(event) == before


def test_nobody_else_changes_them(alice: Caller, bob: Caller, carol: Caller, anonymous: Caller) -> None:
    event, other = make_evening(alice, bob), make_evening(alice)
    row = Registration.objects.get()
    body = {"registration_data": {"diet": "meat"}}
    before = snapshot(event)

    path = f"/events/{event.id}/registrations/{row.id}"
    assert [caller.patch(path, body).status_code for caller in (carol, anonymous)] == [403, 401]
    assert bob.patch(f"/events/{other.id}/registrations/{row.id}", body).status_code == 404
    assert snapshot(event) == before


@pytest.mark.parametrize(
    ("event_change", "status", "reason"),
    [
        ({"start_date": in_days(-1), "end_date": None}, "registered", "event_started"),
        ({"status": "completed"}, "registered", "registration_closed"),
        ({"status": "cancelled"}, "registered", "registration_closed"),
        ({}, "cancelled", "registration_closed"),
        ({}, "attended", "registration_closed"),
    ],
)
def test_answers_stay_once_all_is_decided(
    alice: Caller, bob: Caller, event_change: dict[str, Any], status: str, reason: str
) -> None:
    event = make_evening(alice, bob)
    Event.objects.update(**event_change)
    Registration.objects.update(status=status)
    before = snapshot(event)

    for caller in (alice, bob):
        path = f"/events/{event.id}/registrations/{Registration.objects.get().id}"
        response = caller.patch(path, {"registration_data": {}})
        assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": [reason]})
    assert snapshot(event) == before
