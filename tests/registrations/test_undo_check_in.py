"""What follows a check-in: undone, seen by its guest, and told to matching-service."""

from typing import Any

import pytest
from django.utils.dateparse import parse_datetime

from integrations.models import OutboxMessage
from registrations.models import Registration
from tests.factories import Caller, make_event, messages, snapshot
from tests.registrations.evening import make_evening
from tests.registrations.test_check_in import ATTENDED, HOUR, UNDONE, reason, registration_of, token_of

pytestmark = pytest.mark.django_db


def test_undoing_sets_the_guest_back_and_says_so(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    token, row = token_of(bob, event), registration_of(bob, event)
    alice.post(f"/events/{event.id}/check-in", {"token": token})

    response = alice.delete(f"/events/{event.id}/registrations/{row.id}/check-in")

    answer = response.json()
    assert (response.status_code, answer["status"]) == (200, "registered")
    assert (answer["checked_in_at"], answer["checked_in_by"], answer["check_in_method"]) == (None, None, "")
    assert [message["registration_id"] for message in messages(UNDONE)] == [str(row.id)]
    before = snapshot(event)
    assert alice.delete(f"/events/{event.id}/registrations/{row.id}/check-in").json() == answer
    assert snapshot(event) == before
    assert alice.post(f"/events/{event.id}/check-in", {"token": token}).status_code == 201
    assert len(messages(ATTENDED)) == 2


def test_only_a_seat_of_this_event_has_a_check_in_to_undo(alice: Caller, bob: Caller) -> None:
    event, other = make_evening(alice, bob), make_evening(alice, bob)
    row = registration_of(bob, event)
    Registration.objects.filter(pk=row.pk).update(status="cancelled")
    before = snapshot(event), snapshot(other)

    assert alice.delete(f"/events/{other.id}/registrations/{row.id}/check-in").status_code == 404
    assert reason(alice.delete(f"/events/{event.id}/registrations/{row.id}/check-in")) == (409, ["no_seat"])
    assert (snapshot(event), snapshot(other)) == before


def test_a_no_show_is_not_undone_as_a_check_in(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob, starts_in=-HOUR)
    alice.post(f"/events/{event.id}/attendance", {"no_show": [102]})
    before = snapshot(event)

    path = f"/events/{event.id}/registrations/{registration_of(bob, event).id}/check-in"
    assert alice.delete(path).json()["status"] == "no_show"
    assert snapshot(event) == before


def test_the_guest_sees_the_own_check_in_but_not_who_made_it(
    alice: Caller, bob: Caller, carol: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    event = make_evening(alice, bob)
    alice.post(f"/events/{event.id}/check-in", {"user_id": 102})
    path = f"/events/{event.id}/registrations/{registration_of(bob, event).id}"

    with django_assert_num_queries(1):
        seen = alice.get(path).json()

    assert (seen["checked_in_by"], seen["check_in_method"]) == (str(alice.id), "user_id")
    assert parse_datetime(seen["checked_in_at"]) == registration_of(bob, event).checked_in_at
    assert bob.get(path).json() == {name: value for name, value in seen.items() if name != "checked_in_by"}
    assert root.get(path).json() == seen
    assert carol.get(path).status_code == 403
    assert alice.get(f"/events/{make_event(alice).id}/registrations/{seen['id']}").status_code == 404


def test_matching_service_is_promised_who_came(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    alice.post(f"/events/{event.id}/check-in", {"user_id": str(bob.id)})
    alice.post(f"/events/{event.id}/check-in", {"user_id": str(bob.id)})

    promised = OutboxMessage.objects.filter(destination="matching").values_list("payload", flat=True)
    assert list(promised) == [
        {
            "event_id": str(event.id),
            "attendees": [str(bob.id)],
            "event_category": event.category,
            "event_tags": event.tags,
        }
    ]
