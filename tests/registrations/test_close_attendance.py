"""What beat does when an event is over: completes it, and after the time of grace marks who did not come."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Event
from registrations import tasks
from registrations.models import Registration
from registrations.services.close_attendance import close_attendance
from registrations.services.complete_past_events import complete_past_events
from tests.factories import Caller, in_days, messages, snapshot
from tests.registrations.evening import make_evening

HOUR = timedelta(hours=1)
OVER = -4 * HOUR  # an evening takes three
LONG_OVER = -28 * HOUR
NO_SHOW = "event.registration.no_show"
CLOSED_SQL = """
    INSERT INTO events (title, start_date, created_by, status, attendance_closed_at)
    SELECT 'Evening ' || number, now() - interval '1 day' * number, %(organiser)s,
        CASE number %% 2 WHEN 0 THEN 'completed' ELSE 'active' END, now()
    FROM generate_series(2, 4000) AS number;
    ANALYZE events
"""

pytestmark = pytest.mark.django_db


def status_of(event: Event) -> str:
    event.refresh_from_db()
    return event.status


def test_an_event_whose_end_has_passed_is_completed_once(alice: Caller, bob: Caller) -> None:
    event, running = make_evening(alice, bob, starts_in=OVER), make_evening(alice, starts_in=-2 * HOUR)

    assert (complete_past_events(), complete_past_events()) == (1, 0)

    assert (status_of(event), event.version, status_of(running)) == ("completed", 2, "active")
    (message,) = messages("event.completed")
    assert (message["event_id"], message["version"]) == (str(event.id), 2)
    assert Registration.objects.get().status == "registered"


def test_without_an_end_it_is_over_after_a_day(alice: Caller) -> None:
    for starts_in, status in ((-23 * HOUR, "active"), (-25 * HOUR, "completed")):
        event = make_evening(alice, starts_in=starts_in)
        Event.objects.filter(pk=event.pk).update(end_date=None)
        complete_past_events()

        assert status_of(event) == status


@pytest.mark.parametrize("end_in", [None, timedelta(0), timedelta(minutes=1), -timedelta(minutes=1), 30 * HOUR])
@pytest.mark.parametrize("start_in", [-48 * HOUR, -24 * HOUR, timedelta(minutes=-2), HOUR])
def test_python_and_sql_agree_on_when_an_event_is_over(
    alice: Caller, start_in: timedelta, end_in: timedelta | None
) -> None:
    event = make_evening(alice)
    now = timezone.now()
    start, end = now + start_in, None if end_in is None else now + end_in
    if end is not None and end <= start:
        end = start + HOUR
    Event.objects.update(start_date=start, end_date=end)
    event.refresh_from_db()

    assert Event.objects.over(now).exists() == (event.ends_at <= now)


@pytest.mark.parametrize("state", ["draft", "pending", "rejected", "cancelled", "completed", "archived"])
def test_only_active_events_are_completed(alice: Caller, state: str) -> None:
    event = make_evening(alice, starts_in=LONG_OVER)
    Event.objects.update(status=state)
    before = snapshot(event)

    assert complete_past_events() == 0
    assert snapshot(event) == before


@pytest.mark.parametrize("is_automatic", [True, False])
def test_who_still_waits_at_the_completion_is_cancelled_in_silence(
    alice: Caller, bob: Caller, carol: Caller, is_automatic: bool
) -> None:
    event = make_evening(alice, bob, starts_in=OVER)
    event.registrations.create(user_id=carol.id, status="waitlisted", waitlist_number=1)
    told = len(messages())

    if is_automatic:
        complete_past_events()
    else:
        alice.post(f"/events/{event.id}/complete")

    assert dict(event.registrations.values_list("user_id", "status")) == {bob.id: "registered", carol.id: "cancelled"}
    assert [message["event_type"] for message in messages()[told:]] == ["event.completed"]
    assert status_of(event) == "completed"
    assert event.current_attendees == 1


def test_after_the_grace_who_did_not_come_is_a_no_show(alice: Caller, bob: Caller, carol: Caller, root: Caller) -> None:
    event = make_evening(alice, bob, carol, root, starts_in=LONG_OVER)
    event.registrations.create(user_id=UUID(int=7), status="cancelled")
    event.registrations.filter(user_id=carol.id).update(
        status="attended", checked_in_at=in_days(-1), checked_in_by=alice.id, check_in_method="token"
    )
    complete_past_events()

    assert (close_attendance(), close_attendance()) == (1, 0)

    assert {user.int: status for user, status in event.registrations.values_list("user_id", "status")} == {
        102: "no_show",
        103: "attended",
        104: "no_show",
        7: "cancelled",
    }
    assert sorted(message["user_id"] for message in messages(NO_SHOW)) == [str(bob.id), str(root.id)]
    event.refresh_from_db()
    assert event.attendance_closed_at is not None
    assert (event.version, event.current_attendees) == (2, 3)


def test_within_the_grace_nobody_is_given_up(alice: Caller, bob: Caller, settings: Any) -> None:
    event = make_evening(alice, bob, starts_in=-5 * HOUR)
    complete_past_events()
    before = snapshot(event)

    for hours, closed in ((3, 0), (1, 1)):
        assert snapshot(event) == before
        settings.ATTENDANCE_GRACE_HOURS = hours
        assert close_attendance() == closed
    assert Registration.objects.get().status == "no_show"


@pytest.mark.parametrize("state", ["active", "cancelled", "archived", "draft"])
def test_only_completed_events_are_closed(alice: Caller, bob: Caller, state: str) -> None:
    event = make_evening(alice, bob, starts_in=LONG_OVER)
    Event.objects.update(status=state)
    before = snapshot(event)

    assert close_attendance() == 0
    assert snapshot(event) == before


def test_what_the_organiser_sets_after_the_closing_stays(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_evening(alice, bob, carol, starts_in=LONG_OVER)
    complete_past_events()
    close_attendance()

    answer = alice.post(f"/events/{event.id}/attendance", {"reset": [102], "attended": [103]})
    before = snapshot(event)

    assert (answer.status_code, answer.json()["changed"]) == (200, 2)
    assert close_attendance() == 0
    assert snapshot(event) == before


def test_one_run_takes_a_bounded_number_the_earliest_first(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrations.services.complete_past_events.MAX_EVENTS", 1)
    monkeypatch.setattr("registrations.services.close_attendance.MAX_EVENTS", 1)
    later, earlier = make_evening(alice, starts_in=LONG_OVER), make_evening(alice, starts_in=LONG_OVER - HOUR)

    assert complete_past_events() == 1
    assert (status_of(earlier), status_of(later)) == ("completed", "active")
    assert [complete_past_events(), complete_past_events()] == [1, 0]
    assert close_attendance() == 1
    later.refresh_from_db()
    assert later.attendance_closed_at is None


def test_beat_starts_both_every_ten_minutes(alice: Caller, bob: Caller) -> None:
    make_evening(alice, bob, starts_in=LONG_OVER)
    named = {entry["task"]: entry for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    for name in ("registrations.tasks.complete_past_events", "registrations.tasks.close_attendance"):
        assert name in current_app.tasks
        assert len(named[name]["schedule"].minute) == 6

    tasks.complete_past_events()
    tasks.close_attendance()

    assert Registration.objects.get().status == "no_show"


@pytest.mark.database
@pytest.mark.parametrize("find", [Event.objects.past, Event.objects.attendance_due])
def test_due_events_are_found_through_the_partial_index(alice: Caller, find: Callable[[Any], QuerySet[Event]]) -> None:
    """Among very many that are over and closed, which every other index would read."""
    make_evening(alice, starts_in=LONG_OVER)
    with connection.cursor() as cursor:
        cursor.execute(CLOSED_SQL, {"organiser": alice.id})
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'idx_events_attendance_due'::regclass"
        )
        indexes = {name for (name,) in cursor.fetchall()}
    plan = find(timezone.now()).order_by("start_date")[:500].explain(format="json")

    read = [node.get("Index Name") for node in leaves(json.loads(plan)[0]["Plan"])]
    used = {name for name in read if name is not None}  # a partition without rows needs none
    assert used
    assert used <= indexes


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The scans at the bottom of a plan."""
    if "Plans" not in node:
        yield node
    for child in node.get("Plans", []):
        yield from leaves(child)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_an_event_that_somebody_holds_waits_for_the_next_run_and_holds_up_nobody(alice: Caller, bob: Caller) -> None:
    held, free = make_evening(alice, bob, starts_in=LONG_OVER - HOUR), make_evening(alice, bob, starts_in=LONG_OVER)
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Event.objects.lock(held.pk)
            is_held.set()
            may_go.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(10)
    try:
        assert complete_past_events() == 1
        assert (status_of(held), status_of(free)) == ("active", "completed")
        assert close_attendance() == 1
    finally:
        may_go.set()
        holder.join()

    assert (complete_past_events(), close_attendance()) == (1, 1)
    assert len(messages(NO_SHOW)) == len(messages("event.completed")) == 2


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_each_event_once(alice: Caller, bob: Caller, carol: Caller) -> None:
    for _ in range(4):
        make_evening(alice, bob, carol, starts_in=LONG_OVER)
    done: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(10)
        done.extend([complete_past_events(), close_attendance()])
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done += [complete_past_events(), close_attendance()]

    assert sum(done) == 8
    assert len(messages("event.completed")) == 4
    assert len(messages(NO_SHOW)) == 8
