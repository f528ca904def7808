"""Cancelling an event."""

import pytest

from events.messages import event_cancelled
from events.models import Event
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


def test_cancel_event_ends_every_registration_and_names_the_affected(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register")
    carol.delete(f"/events/{event.id}/register")

    response = alice.post(f"/events/{event.id}/cancel", {"reason": "Insufficient registrations"})

    assert response.status_code == 200
    answer = response.json()
    assert (answer["status"], answer["current_attendees"], answer["version"]) == ("cancelled", 0, 2)
    assert set(Registration.objects.values_list("status", flat=True)) == {"cancelled"}
    (message,) = messages("event.cancelled")
    assert {name: value for name, value in message.items() if name != "timestamp"} == {
        "event_type": "event.cancelled",
        "event_id": str(event.id),
        "reason": "Insufficient registrations",
        "affected_users": [str(bob.id)],
        "category": "Networking",
        "part": 1,
        "parts": 1,
    }


def test_cancelling_again_says_nothing_new(alice: Caller) -> None:
    event = make_event(alice)
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/cancel", {"reason": "snow"}).status_code == 200
    assert snapshot(event) == before


def test_a_draft_is_cancelled_in_silence(alice: Caller) -> None:
    event = make_event(alice, status="draft")

    assert alice.post(f"/events/{event.id}/cancel").json()["status"] == "cancelled"
    assert messages() == []


def test_a_completed_event_cannot_be_cancelled(alice: Caller) -> None:
    event = make_event(alice, status="completed")
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/cancel", {"reason": "late"})

    assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": ["illegal_transition"]})
    assert snapshot(event) == before


def test_carol_may_not_cancel_alices_event(alice: Caller, carol: Caller, anonymous: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert carol.post(f"/events/{event.id}/cancel", {"reason": "envy"}).status_code == 403
    assert anonymous.post(f"/events/{event.id}/cancel", {"reason": "envy"}).status_code == 401
    assert snapshot(event) == before


def test_an_admin_may_cancel_any_event(alice: Caller, root: Caller) -> None:
    event = make_event(alice)

    assert root.post(f"/events/{event.id}/cancel", {"reason": "spam"}).status_code == 200


@pytest.mark.parametrize("body", [{"reason": "x" * 1001}, {"reason": "nul\0"}, {"reason": ["a"]}, {"why": "a"}])
def test_a_bad_reason_changes_nothing(alice: Caller, body: dict[str, object]) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/cancel", body).status_code == 422
    assert snapshot(event) == before


@pytest.mark.parametrize(("users", "sizes"), [(0, [0]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])])
def test_affected_users_come_in_parts_of_a_thousand(alice: Caller, users: int, sizes: list[int]) -> None:
    event = Event(title="Large", start_date=in_days(1), created_by=alice.id)

    parts = list(event_cancelled(event, "rain", [alice.id] * users, in_days(0)))

    assert [len(part["affected_users"]) for part in parts] == sizes
    assert [(part["part"], part["parts"]) for part in parts] == [(n + 1, len(sizes)) for n in range(len(sizes))]
