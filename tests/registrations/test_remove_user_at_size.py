"""Removing a user with very many registrations, and messages about a user in every order."""

import tracemalloc
from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from integrations.models import UserProfile
from integrations.users.handlers import user_updated
from registrations.handlers import user_deleted
from registrations.models import Registration
from registrations.services import remove_user as removal
from registrations.services.remove_user import remove_user
from tests.factories import Caller, make_event, messages

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


def test_coming_events_are_left_page_by_page_in_order_of_their_ids(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_A_TIME", 2)
    events = sorted((make_event(alice) for _ in range(5)), key=lambda event: event.id)
    for event in reversed(events):
        bob.post(f"/events/{event.id}/register")

    assert remove_user(user_id=bob.id, at=timezone.now()) == 5

    left = [message["event_id"] for message in messages("event.registration.cancelled")]
    assert left == [str(event.id) for event in events]
    assert not Event.objects.exclude(current_attendees=0).exists()


def test_an_event_that_cannot_be_left_does_not_stop_the_others(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that starts between the reading of the page and its turn keeps the row, without the person."""
    monkeypatch.setattr(removal, "AT_A_TIME", 1)
    events = sorted((make_event(alice) for _ in range(3)), key=lambda event: event.id)
    for event in events:
        bob.post(f"/events/{event.id}/register")
    leave = removal.leave

    def start_the_second(event_id: UUID, user_id: UUID) -> None:
        Event.objects.filter(pk=events[1].pk).update(start_date=timezone.now())
        leave(event_id, user_id)

    monkeypatch.setattr(removal, "leave", start_the_second)
    remove_user(user_id=bob.id, at=timezone.now())

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
