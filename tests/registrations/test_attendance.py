"""The list at the door: many guests at once, moved back and forth, and how often they miss what they registered for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.models import Event
from integrations.models import OutboxMessage
from registrations.models import Registration
from tests.factories import Caller, make_event, messages, snapshot
from tests.registrations.evening import make_evening

pytestmark = pytest.mark.django_db

Crowd = Callable[[int], list[Caller]]
HOUR = timedelta(hours=1)
STARTED = -HOUR


def types() -> list[str]:
    """The messages about attendance, in order, by the last word of their type."""
    names = [message["event_type"].rpartition(".")[2] for message in messages()]
    return [name for name in names if name in ("attended", "no_show", "attendance_undone")]


def statuses(event: Event) -> dict[int, str]:
    return {user_id.int: status for user_id, status in event.registrations.values_list("user_id", "status")}


def test_one_list_says_who_came_and_who_did_not(alice: Caller, bob: Caller, carol: Caller, root: Caller) -> None:
    event = make_evening(alice, bob, carol, root, starts_in=STARTED)

    response = alice.post(f"/events/{event.id}/attendance", {"attended": [102, str(carol.id)], "no_show": ["104", 7]})

    assert (response.status_code, response.json()) == (
        200,
        {"changed": 3, "registered": 0, "attended": 2, "no_show": 1, "unknown": [str(UUID(int=7))]},
    )
    assert statuses(event) == {102: "attended", 103: "attended", 104: "no_show"}
    assert types() == ["attended", "attended", "no_show"]
    row = Registration.objects.get(user_id=bob.id)
    assert (row.checked_in_at, row.checked_in_by, row.check_in_method) == (row.updated_at, alice.id, "bulk")
    event.refresh_from_db()
    assert event.current_attendees == 3


def test_the_same_list_again_changes_nothing(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_evening(alice, bob, carol, starts_in=STARTED)
    body = {"attended": [102], "no_show": [103], "reset": []}
    first = alice.post(f"/events/{event.id}/attendance", body).json()
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/attendance", body).json() == {**first, "changed": 0}
    assert snapshot(event) == before


def test_a_request_that_comes_twice_is_answered_by_how_it_stands(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    body, key = {"attended": [102, 7]}, {"HTTP_IDEMPOTENCY_KEY": "list-1"}
    assert alice.post(f"/events/{event.id}/attendance", body, **key).json()["changed"] == 1
    alice.post(f"/events/{event.id}/attendance", {"reset": [102]})
    before = snapshot(event)

    again = alice.post(f"/events/{event.id}/attendance", body, **key)

    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == {
        "changed": 0,
        "registered": 1,
        "attended": 0,
        "no_show": 0,
        "unknown": [str(UUID(int=7))],
    }
    assert snapshot(event) == before


def test_guests_move_between_the_three_states_one_message_a_move(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob, starts_in=STARTED)
    moves = ["attended", "no_show", "attended", "reset", "no_show", "reset", "reset"]

    changed = [alice.post(f"/events/{event.id}/attendance", {move: [102]}).json()["changed"] for move in moves]

    assert changed == [1, 1, 1, 1, 1, 1, 0]
    assert types() == ["attended", "no_show", "attended", "attendance_undone", "no_show", "attendance_undone"]
    row = Registration.objects.get()
    assert (row.status, row.checked_in_at, row.checked_in_by, row.check_in_method) == ("registered", None, None, "")


def test_a_check_in_stays_as_it_was_when_the_list_repeats_it(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    alice.post(f"/events/{event.id}/check-in", {"user_id": 102})
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/attendance", {"attended": [102]}).json()["changed"] == 0
    assert snapshot(event) == before


def test_who_holds_no_seat_is_unknown_and_does_not_stop_the_rest(alice: Caller, bob: Caller, carol: Caller) -> None:
    event, other = make_evening(alice, bob, carol), make_evening(alice, carol)
    Registration.objects.filter(event=event, user_id=carol.id).update(status="cancelled")
    event.registrations.create(user_id=UUID(int=7), status="waitlisted", waitlist_number=1)
    before = snapshot(other)[1]

    answer = alice.post(f"/events/{event.id}/attendance", {"attended": [103, 102, 7, 8]}).json()

    assert (answer["changed"], answer["unknown"]) == (1, [str(UUID(int=number)) for number in (103, 7, 8)])
    assert statuses(event) == {102: "attended", 103: "cancelled", 7: "waitlisted"}
    assert snapshot(other)[1] == before


def test_nobody_stands_in_two_lists(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob, starts_in=STARTED)
    before = snapshot(event)

    for one, two in (("attended", "no_show"), ("attended", "reset"), ("no_show", "reset")):
        response = alice.post(f"/events/{event.id}/attendance", {one: [102], two: [7, str(bob.id)]})
        assert (response.status_code, response.json()["error"]["details"]) == (
            422,
            {two: ["A user stands in two lists."]},
        )
    assert snapshot(event) == before


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"attended": 102}, {"attended": ['Expected a list of items but got type "int".']}),
        ({"attended": [102, True]}, {"attended.1": ["This is not a user id."]}),
        (
            {"no_show": [None, [], {}, 1.5, -1, "", "\0"]},
            {f"no_show.{n}": ["This is not a user id."] for n in range(7)},
        ),
        ({"came": [102]}, {"came": ["This field is unknown or read-only."]}),
        ({"attended": list(range(9000)), "no_show": list(range(9000, 10001))}, {"body": ["At most 10000 users."]}),
    ],
)
def test_a_bad_list_is_refused_whole(alice: Caller, bob: Caller, body: Any, details: Any) -> None:
    event = make_evening(alice, bob, starts_in=STARTED)
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/attendance", body)

    assert (response.status_code, response.json()["error"]["details"]) == (422, details)
    assert snapshot(event) == before


def test_ten_thousand_are_one_transaction_of_a_few_statements(alice: Caller, django_assert_num_queries: Any) -> None:
    event = make_evening(alice, starts_in=STARTED)
    rows = [Registration(event=event, user_id=UUID(int=number)) for number in range(10_000)]
    Registration.objects.bulk_create(rows, batch_size=2000)
    Event.objects.update(current_attendees=10_000)
    users = [str(row.user_id) for row in rows]

    with django_assert_num_queries(8):  # two of them make the test's savepoint
        response = alice.post(f"/events/{event.id}/attendance", {"attended": users[:9000], "no_show": users[9000:]})

    assert response.json() == {"changed": 10_000, "registered": 0, "attended": 9000, "no_show": 1000, "unknown": []}
    assert OutboxMessage.objects.filter(message_type="event.registration.attended").count() == 9000
    assert OutboxMessage.objects.filter(message_type="event.registration.no_show").count() == 1000


@pytest.mark.parametrize(
    ("starts_in", "move", "answer"),
    [
        (25 * HOUR, "attended", "check_in_not_open"),
        (25 * HOUR, "reset", "check_in_not_open"),
        (HOUR, "attended", None),
        (HOUR, "no_show", "event_not_started"),
        (-HOUR, "no_show", None),
        (-1000 * HOUR, "attended", None),
        (-1000 * HOUR, "no_show", None),
    ],
)
def test_each_list_has_its_first_moment(
    alice: Caller, bob: Caller, starts_in: timedelta, move: str, answer: str | None
) -> None:
    event = make_evening(alice, bob, starts_in=starts_in)
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/attendance", {move: [102]})

    if answer is None:
        assert (response.status_code, response.json()["changed"]) == (200, 1)
    else:
        assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": [answer]})
        assert snapshot(event) == before


@pytest.mark.parametrize(("state", "status"), [("completed", 200), ("cancelled", 409), ("archived", 409)])
def test_only_what_takes_place_has_attendance(alice: Caller, bob: Caller, state: str, status: int) -> None:
    event = make_evening(alice, bob, starts_in=STARTED)
    Event.objects.update(status=state)

    for move in ("attended", "no_show", "reset"):
        assert alice.post(f"/events/{event.id}/attendance", {move: [102]}).status_code == status


def test_strangers_and_guests_neither_write_nor_read_it(
    alice: Caller, bob: Caller, carol: Caller, anonymous: Caller
) -> None:
    event = make_evening(alice, bob, starts_in=STARTED)
    before = snapshot(event)

    path = f"/events/{event.id}/attendance"
    assert [caller.post(path, {"attended": [102]}).status_code for caller in (carol, bob, anonymous)] == [403, 403, 401]
    assert [caller.get(path).status_code for caller in (carol, bob, anonymous)] == [403, 403, 401]
    assert snapshot(event) == before


def test_the_organiser_sees_who_came_and_how_often_they_miss_what_they_registered_for(
    alice: Caller, bob: Caller, carol: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    for marks in ({"attended": [102], "no_show": [103]}, {"attended": [102], "no_show": [103]}, {"no_show": [102]}):
        past = make_evening(root, bob, carol, starts_in=STARTED)
        root.post(f"/events/{past.id}/attendance", marks)
    event = make_evening(alice, carol, bob, root)
    gone = make_event(alice)
    bob.post(f"/events/{gone.id}/register")
    alice.post(f"/events/{event.id}/check-in", {"user_id": 102})
    Registration.objects.filter(event=event, user_id=root.id).update(status="cancelled")

    with django_assert_num_queries(4):
        answer = alice.get(f"/events/{event.id}/attendance").json()

    rows = [
        {name: row[name] for name in ("user_id", "status", "events_attended", "events_missed", "no_show_rate")}
        for row in answer["attendance"]
    ]
    assert rows == [
        {
            "user_id": str(carol.id),
            "status": "registered",
            "events_attended": 0,
            "events_missed": 2,
            "no_show_rate": 1.0,
        },
        {
            "user_id": str(bob.id),
            "status": "attended",
            "events_attended": 3,
            "events_missed": 1,
            "no_show_rate": 0.25,
        },
    ]
    assert answer["attendance"][1]["checked_in_by"] == str(alice.id)
    assert answer["attendance"][1]["check_in_method"] == "user_id"
    assert answer["attendance"][0]["checked_in_at"] is None
    assert answer["total"] == 2


def test_without_a_past_there_is_no_rate(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)

    (row,) = alice.get(f"/events/{event.id}/attendance").json()["attendance"]

    assert (row["events_attended"], row["events_missed"], row["no_show_rate"]) == (0, 0, None)


def test_the_rate_is_rounded_to_three_places(alice: Caller, bob: Caller) -> None:
    for status in ("attended", "attended", "no_show"):
        make_evening(alice).registrations.create(user_id=bob.id, status=status)
    event = make_evening(alice, bob)

    (row,) = alice.get(f"/events/{event.id}/attendance", {"status": "registered"}).json()["attendance"]

    assert row["no_show_rate"] == 0.333
    assert alice.get(f"/events/{event.id}/attendance", {"status": "attended"}).json()["attendance"] == []


def test_the_queries_of_the_list_do_not_grow_with_it(
    alice: Caller, crowd: Crowd, django_assert_num_queries: Any
) -> None:
    event = make_evening(alice)
    Registration.objects.bulk_create(Registration(event=event, user_id=guest.id) for guest in crowd(60))

    with django_assert_num_queries(4):
        first = alice.get(f"/events/{event.id}/attendance", {"page_size": 50}).json()
    second = alice.get(f"/events/{event.id}/attendance", {"page_size": 50, "cursor": first["next_cursor"]}).json()

    users = [row["user_id"] for page in (first, second) for row in page["attendance"]]
    assert len(set(users)) == 60
    assert alice.get(f"/events/{event.id}/attendance", {"status": "lost"}).status_code == 422
