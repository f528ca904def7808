"""Waiting for a seat: who is asked, in which order people move up, and what the world hears."""

from typing import Any
from uuid import UUID

import pytest

from events.models import Event
from integrations.models import OutboxMessage
from registrations.services.remove_user import remove_user
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WAIT = {"waitlist": True}
PREFIX = "event.registration."


@pytest.fixture
def full(alice: Caller, root: Caller) -> Event:
    """An event of alice's whose one seat root has."""
    event = make_event(alice, max_attendees=1)
    assert root.post(f"/events/{event.id}/register").status_code == 201
    return event


def wait(caller: Caller, event: Event) -> Any:
    return caller.post(f"/events/{event.id}/register", WAIT)


def states(event: Event) -> dict[UUID, str]:
    return dict(event.registrations.values_list("user_id", "status"))


def told() -> list[tuple[str, str]]:
    """What the world heard of the registrations, in order."""
    found = OutboxMessage.objects.filter(message_type__startswith=PREFIX).order_by("id")
    return [(message.message_type.removeprefix(PREFIX), message.payload["user_id"]) for message in found]


def taken(event: Event) -> int:
    event.refresh_from_db()
    return event.current_attendees


def test_a_full_event_offers_a_place_and_says_which(full: Event, bob: Caller, carol: Caller) -> None:
    first, second = wait(bob, full), wait(carol, full)

    assert (first.status_code, first.json()["status"], first.json()["position"]) == (202, "waitlisted", 1)
    assert (second.status_code, second.json()["position"]) == (202, 2)
    assert taken(full) == 1
    assert told()[1:] == [("waitlisted", str(bob.id)), ("waitlisted", str(carol.id))]


def test_whoever_would_wait_gets_the_seat_that_is_left(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=1)

    assert wait(bob, event).status_code == 201
    assert states(event) == {bob.id: "registered"}


def test_without_the_word_a_full_event_is_409_and_nothing_changes(full: Event, bob: Caller) -> None:
    before = snapshot(full)

    assert bob.post(f"/events/{full.id}/register", {"waitlist": False}).status_code == 409
    assert snapshot(full) == before


@pytest.mark.parametrize("body", [WAIT, {}])
def test_who_waits_is_not_added_again(full: Event, bob: Caller, body: dict[str, Any]) -> None:
    wait(bob, full)
    before = snapshot(full)

    answer = bob.post(f"/events/{full.id}/register", body)

    assert (answer.status_code, answer.json()["error"]["details"]) == (409, {"reason": ["already_waiting"]})
    assert snapshot(full) == before


def test_a_cancellation_moves_the_first_up(full: Event, root: Caller, bob: Caller, carol: Caller) -> None:
    wait(bob, full)
    wait(carol, full)

    root.delete(f"/events/{full.id}/register")

    assert states(full) == {root.id: "cancelled", bob.id: "registered", carol.id: "waitlisted"}
    assert taken(full) == 1
    assert told()[3:] == [("cancelled", str(root.id)), ("promoted", str(bob.id))]
    assert carol.get(f"/events/{full.id}/waitlist").json()["waitlist"][0]["position"] == 1


def test_who_comes_back_waits_at_the_end(full: Event, root: Caller, bob: Caller, carol: Caller) -> None:
    wait(bob, full)
    wait(carol, full)
    bob.delete(f"/events/{full.id}/register")

    assert wait(bob, full).json()["position"] == 2
    root.delete(f"/events/{full.id}/register")
    assert states(full) == {root.id: "cancelled", bob.id: "waitlisted", carol.id: "registered"}


def test_leaving_the_waitlist_is_told_and_a_repeat_is_not(full: Event, bob: Caller) -> None:
    wait(bob, full)

    answers = [bob.delete(f"/events/{full.id}/register") for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "cancelled")] * 2
    assert told()[1:] == [("waitlisted", str(bob.id)), ("cancelled", str(bob.id))]
    assert taken(full) == 1


def test_a_larger_capacity_moves_exactly_so_many_up(full: Event, alice: Caller, crowd: Any) -> None:
    people = crowd(4)
    for person in people:
        wait(person, full)

    alice.patch(f"/events/{full.id}", {"max_attendees": 3})

    assert [states(full)[person.id] for person in people] == ["registered", "registered", "waitlisted", "waitlisted"]
    assert taken(full) == 3
    assert told()[5:] == [("promoted", str(person.id)) for person in people[:2]]


def test_an_unlimited_event_leaves_nobody_waiting(full: Event, alice: Caller, crowd: Any) -> None:
    people = crowd(3)
    for person in people:
        wait(person, full)

    alice.patch(f"/events/{full.id}", {"max_attendees": None})

    assert {states(full)[person.id] for person in people} == {"registered"}
    assert taken(full) == 4


def test_another_change_moves_nobody_up(full: Event, alice: Caller, bob: Caller) -> None:
    wait(bob, full)

    alice.patch(f"/events/{full.id}", {"title": "Other"})

    assert states(full)[bob.id] == "waitlisted"


def test_a_removed_user_makes_room(full: Event, root: Caller, bob: Caller, carol: Caller) -> None:
    wait(bob, full)
    wait(carol, full)

    assert remove_user(user_id=bob.id, at=in_days(0)) == 1
    assert remove_user(user_id=root.id, at=in_days(0)) == 1

    assert states(full)[carol.id] == "registered"
    assert taken(full) == 1


def test_a_cancelled_event_ends_the_waitlist_and_affects_who_waited(
    full: Event, alice: Caller, root: Caller, bob: Caller
) -> None:
    wait(bob, full)

    alice.post(f"/events/{full.id}/cancel", {"reason": "Rain"})

    assert set(states(full).values()) == {"cancelled"}
    assert taken(full) == 0
    assert messages("event.cancelled")[0]["affected_users"] == [str(root.id), str(bob.id)]


def test_the_organiser_sees_all_and_a_person_the_own_place(
    full: Event, alice: Caller, root: Caller, bob: Caller, carol: Caller
) -> None:
    wait(bob, full)
    wait(carol, full)

    def places(caller: Caller) -> list[tuple[str, int]]:
        page = caller.get(f"/events/{full.id}/waitlist").json()["waitlist"]
        return [(place["user_id"], place["position"]) for place in page]

    everybody = [(str(bob.id), 1), (str(carol.id), 2)]
    assert places(alice) == places(root) == everybody
    assert places(carol) == everybody[1:]


def test_the_pages_of_the_waitlist_keep_the_positions(full: Event, alice: Caller, crowd: Any) -> None:
    for person in crowd(3):
        wait(person, full)

    first = alice.get(f"/events/{full.id}/waitlist", {"page_size": 2}).json()
    second = alice.get(f"/events/{full.id}/waitlist", {"page_size": 2, "cursor": first["next_cursor"]}).json()

    assert [place["position"] for page in (first, second) for place in page["waitlist"]] == [1, 2, 3]


def test_the_waitlist_costs_three_queries(
    full: Event, alice: Caller, crowd: Any, django_assert_num_queries: Any
) -> None:
    for person in crowd(3):
        wait(person, full)

    with django_assert_num_queries(3):
        alice.get(f"/events/{full.id}/waitlist")


def test_the_same_request_again_is_answered_and_not_done(full: Event, bob: Caller) -> None:
    first = bob.post(f"/events/{full.id}/register", WAIT, HTTP_IDEMPOTENCY_KEY="once")
    again = bob.post(f"/events/{full.id}/register", WAIT, HTTP_IDEMPOTENCY_KEY="once")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(messages("event.registration.waitlisted")) == 1


def test_nobody_waits_for_what_has_started(full: Event, bob: Caller) -> None:
    Event.objects.filter(pk=full.pk).update(start_date=in_days(-1))

    assert wait(bob, full).status_code == 409
    assert bob.id not in states(full)
