"""Removing a user with very many registrations, and messages about a user in every order."""

import tracemalloc
from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from integrations.models import UserProfile
from integrations.outbox.record import insert_params
from integrations.users.handlers import user_updated
from registrations import leaving
from registrations.handlers import user_deleted
from registrations.models import Registration
from registrations.services import remove_user as removal
from registrations.services.remove_user import remove_user
from tests.factories import Caller, make_event, messages
from tests.locks import held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

ATTEND_SQL = """
    WITH attended AS (
        INSERT INTO events (title, start_date, created_by, current_attendees)
        SELECT 'Evening ' || number, now() - interval '1 day' * number, %(organiser)s, 1
        FROM generate_series(1, %(count)s) AS number RETURNING id
    )
    INSERT INTO event_registrations (id, event_id, user_id, status, registration_data, registered_at, updated_at)
    SELECT gen_random_uuid(), id, %(user)s, 'attended', '{"diet": "vegan"}', now(), now() FROM attended
"""


def attend(user: Caller, organiser: Caller, count: int) -> None:
    """As many past events that the user was at."""
    with connection.cursor() as cursor:
        cursor.execute(ATTEND_SQL, {"organiser": organiser.id, "user": user.id, "count": count})


def peak_of_removing(user: Caller) -> int:
    """Bytes of Python's memory."""
    tracemalloc.start()
    remove_user(user_id=user.id, at=timezone.now())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_the_past_is_anonymised_a_thousand_rows_at_a_time(alice: Caller, bob: Caller) -> None:
    attend(bob, alice, 2500)

    with CaptureQueriesContext(connection) as queries:
        remove_user(user_id=bob.id, at=timezone.now())

    assert sum("gen_random_uuid()" in query["sql"] for query in queries) == 4
    assert Registration.objects.of_user(bob.id).count() == 0
    assert not Registration.objects.exclude(registration_data=None).exists()
    assert Registration.objects.filter(status="attended").count() == 2500
    assert Event.objects.filter(current_attendees=1).count() == 2500


def test_ten_times_the_past_takes_the_same_memory(
    alice: Caller, bob: Caller, carol: Caller, crowd: Callable[[int], list[Caller]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_A_TIME", 100)
    (first,) = crowd(1)
    for user, count in ((first, 100), (bob, 300), (carol, 3000)):
        attend(user, alice, count)
    peak_of_removing(first)  # what is made once

    assert peak_of_removing(carol) < 1.5 * peak_of_removing(bob)


def go_to(events: list[Event], *guests: Caller) -> None:
    for event in events:
        for guest in guests:
            assert guest.post(f"/events/{event.id}/register", {"waitlist": True}).status_code in (201, 202)


def make_events(organiser: Caller, count: int, **fields: Any) -> list[Event]:
    """In order of their ids."""
    return sorted((make_event(organiser, **fields) for _ in range(count)), key=lambda event: event.id)


def transactions_of(table: str) -> list[int]:
    """How many rows each transaction wrote last, the fewest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} GROUP BY xmin ORDER BY 1")
        return [count for (count,) in cursor.fetchall()]


def test_coming_events_are_left_a_few_at_a_time_in_order_of_their_ids(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "LEFT_TOGETHER", 2)
    events = make_events(alice, 5)
    go_to(list(reversed(events)), bob)
    assert shown(alice, events) == [1] * 5  # and kept in the cache

    with CaptureQueriesContext(connection) as queries:
        assert remove_user(user_id=bob.id, at=timezone.now()) == 5

    assert sum("FOR NO KEY UPDATE SKIP LOCKED" in query["sql"] for query in queries) == 3
    assert transactions_of("events") == [1, 2, 2]
    told = messages("event.registration.cancelled")
    assert [(message["event_id"], message["user_id"]) for message in told] == [
        (str(event.id), str(bob.id)) for event in events
    ]
    assert shown(alice, events) == [0] * 5


def shown(caller: Caller, events: list[Event]) -> list[int]:
    """How many people go, as the details say."""
    return [caller.get(f"/events/{event.id}").json()["current_attendees"] for event in events]


def test_what_is_told_of_one_event_among_many_is_what_is_told_of_one(alice: Caller, bob: Caller) -> None:
    together, alone = make_events(alice, 2, tags=["a", "b"])
    go_to([together, alone], bob)
    assert bob.delete(f"/events/{alone.id}/register").status_code == 200

    remove_user(user_id=bob.id, at=timezone.now())

    first, second = messages("event.registration.cancelled")
    varying = {"event_id", "registration_id", "timestamp"}
    assert [second["event_id"], first["event_id"]] == [str(together.id), str(alone.id)]
    assert {key: first[key] for key in first.keys() - varying} == {key: second[key] for key in second.keys() - varying}
    assert first.keys() == second.keys()


def test_where_somebody_waits_the_seat_goes_to_the_first_of_them(
    alice: Caller, bob: Caller, carol: Caller, root: Caller
) -> None:
    events = make_events(alice, 3)
    full = make_event(alice, max_attendees=1)
    waiting = make_event(alice, max_attendees=1)
    go_to([*events, full], bob, carol)
    go_to([waiting], root, bob)

    assert remove_user(user_id=bob.id, at=timezone.now()) == 5

    assert [message["user_id"] for message in messages("event.registration.promoted")] == [str(carol.id)]
    taken = {event.pk: event.current_attendees for event in Event.objects.all()}
    assert taken == {event.pk: 1 for event in (*events, full, waiting)}
    assert not Registration.objects.of_user(bob.id).exists()


def test_an_event_that_is_held_makes_none_of_the_others_wait(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are free again before the one that somebody holds is waited for."""
    events = make_events(alice, 3)
    go_to(events, bob)
    seen: list[list[int]] = []

    def cancel(**named: Any) -> None:
        seen.append([Event.objects.get(pk=event.pk).current_attendees for event in events])

    monkeypatch.setattr(removal, "cancel_registration", cancel)
    with held(events[1]):
        removal.leave_together([event.pk for event in events], bob.id)

    assert seen == [[0, 1, 0]]


def test_a_registration_that_ends_beside_the_lock_undoes_the_seats(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event is left alone then, and the one whose registration had ended not at all."""
    events = make_events(alice, 3)
    go_to(events, bob)
    monkeypatch.setattr(leaving, "LEAVE_SQL", leaving.LEAVE_SQL.replace(ENDS, f"{ENDS} AND event_id <> %(ended)s"))
    monkeypatch.setattr(leaving, "insert_params", lambda: {**insert_params(), "ended": events[1].pk})

    with pytest.raises(DataError):
        leaving.leave_idle_events(event_ids=[event.pk for event in events], user_id=bob.id)
    assert not Event.objects.exclude(current_attendees=1).exists()
    assert not messages("event.registration.cancelled")

    assert removal.leave_together([event.pk for event in events], bob.id) == 3
    assert not Event.objects.exclude(current_attendees=0).exists()


ENDS = "AND event_registrations.status = 'registered'"


def test_an_event_that_cannot_be_left_does_not_stop_the_others(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that starts between the reading of its id and its turn keeps the row, without the person."""
    events = make_events(alice, 3)
    go_to(events, bob)
    leave_together = removal.leave_together

    def start_the_second(event_ids: list[UUID], user_id: UUID) -> int:
        Event.objects.filter(pk=events[1].pk).update(start_date=timezone.now())
        return leave_together(event_ids, user_id)

    monkeypatch.setattr(removal, "leave_together", start_the_second)
    assert remove_user(user_id=bob.id, at=timezone.now()) == 2

    assert [Event.objects.get(pk=event.pk).current_attendees for event in events] == [0, 1, 0]
    assert Registration.objects.of_user(bob.id).count() == 0


def message(event_type: str, minute: int, **fields: Any) -> dict[str, Any]:
    return {"event_type": event_type, "user_id": 102, "timestamp": f"2026-09-28T16:{minute:02}:00Z", **fields}


STORY = (
    message("user.updated", 1, location="Paris", interests=["AI"]),
    message("user.updated", 3, location="Berlin", industry="Technology"),
    message("user.deleted", 2),
    message("user.deleted", 2),
)


def test_every_order_of_the_messages_ends_in_the_same_state(alice: Caller, bob: Caller) -> None:
    handlers = {"user.updated": user_updated, "user.deleted": user_deleted}
    event = make_event(alice)
    ends = set()
    for order in permutations(STORY):
        UserProfile.objects.all().delete()
        Registration.objects.create(event=event, user_id=bob.id)
        Event.objects.update(current_attendees=1)
        for told in order:
            handlers[told["event_type"]](told)
        row = UserProfile.objects.get()
        ends.add((row.location, row.industry, tuple(row.interests), row.profile_at, row.removed_at is not None))
        assert (Event.objects.get().current_attendees, Registration.objects.of_user(bob.id).count()) == (0, 0)

    assert [(*end[:3], end[4]) for end in ends] == [("", "", (), True)]
