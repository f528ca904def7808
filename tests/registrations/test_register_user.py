"""Registering for an event."""

from typing import Any

import pytest
from django.utils import timezone

from events.models import Event
from integrations.users.profiles import remember_removed_user
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


def refusal(response: Any) -> tuple[int, list[str]]:
    return response.status_code, response.json()["error"]["details"].get("reason", [])


def test_register_user_stores_seat_registration_and_message(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=2, tags=["tech"])

    response = bob.post(f"/events/{event.id}/register", {"registration_data": {"diet": "vegan"}})

    registration = Registration.objects.get()
    assert response.status_code == 201
    answer = response.json()
    assert answer == {
        "id": str(registration.id),
        "event_id": str(event.id),
        "user_id": str(bob.id),
        "status": "registered",
        "registration_data": {"diet": "vegan"},
        "registered_at": answer["registered_at"],
        "updated_at": answer["updated_at"],
    }
    assert Event.objects.get().current_attendees == 1
    (message,) = messages("event.registration.created")
    assert {name: value for name, value in message.items() if name != "timestamp"} == {
        "event_type": "event.registration.created",
        "event_id": str(event.id),
        "user_id": str(bob.id),
        "registration_id": str(registration.id),
        "event_category": "Networking",
        "event_tags": ["tech"],
    }


def test_registering_needs_no_body(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)

    assert bob.call("POST", f"/events/{event.id}/register").status_code == 201


def test_a_seat_never_counts_as_an_edit(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    after = Event.objects.get()
    assert (after.version, after.updated_at) == (event.version, event.updated_at)


def test_register_user_refuses_a_duplicate(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event)

    assert refusal(bob.post(f"/events/{event.id}/register")) == (409, ["already_registered"])
    assert snapshot(event) == before


def test_register_user_refuses_the_seat_after_the_last_one(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event)

    assert refusal(carol.post(f"/events/{event.id}/register")) == (409, ["event_full"])
    assert snapshot(event) == before


def test_register_user_refuses_an_event_that_has_started(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, start_date=in_days(-0.01), end_date=in_days(1))
    before = snapshot(event)

    assert refusal(bob.post(f"/events/{event.id}/register")) == (409, ["event_started"])
    assert snapshot(event) == before


def test_register_user_refuses_a_cancelled_event(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})
    before = snapshot(event)

    assert refusal(bob.post(f"/events/{event.id}/register")) == (409, ["registration_closed"])
    assert snapshot(event) == before


def test_a_draft_is_unknown_to_others_and_closed_to_its_owner(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, status="draft")
    before = snapshot(event)

    assert bob.post(f"/events/{event.id}/register").status_code == 404
    assert refusal(alice.post(f"/events/{event.id}/register")) == (409, ["registration_closed"])
    assert snapshot(event) == before


def test_register_user_refuses_an_unknown_event(bob: Caller) -> None:
    assert bob.post("/events/01890000-0000-7000-8000-000000000000/register").status_code == 404


def test_register_user_refuses_a_removed_user_inside_the_statement(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    remember_removed_user(user_id=bob.id, at=timezone.now())
    before = snapshot(event)

    assert bob.post(f"/events/{event.id}/register").status_code == 403
    assert snapshot(event) == before


@pytest.mark.parametrize(
    "body",
    [
        {"registration_data": "text"},
        {"registration_data": [1]},
        {"registration_data": {"nul": "a\0b"}},
        {"registration_data": {"deep": [{"nul\0": 1}]}},
        {"registration_data": {"large": "x" * 17_000}},
        {"seat": 1},
        {"status": "attended"},
        [1],
    ],
)
def test_register_user_refuses_a_bad_body(alice: Caller, bob: Caller, body: Any) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert bob.post(f"/events/{event.id}/register", body).status_code == 422
    assert snapshot(event) == before


def test_anonymous_callers_do_not_register(alice: Caller, anonymous: Caller) -> None:
    event = make_event(alice)

    assert anonymous.post(f"/events/{event.id}/register").status_code == 401
    assert Event.objects.get().current_attendees == 0


def test_register_user_costs_one_statement_between_seat_and_commit(
    alice: Caller, bob: Caller, django_assert_num_queries: Any
) -> None:
    """Savepoint, the user's turn, the one statement, release."""
    event = make_event(alice)

    with django_assert_num_queries(4):
        bob.post(f"/events/{event.id}/register")
