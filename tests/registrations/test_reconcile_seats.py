"""Counters of seats that lie are found, told, and set right."""

import threading
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from events.models import Event
from registrations.models import SeatCheck
from registrations.services import reconcile_seats as reconciling
from registrations.services.reconcile_seats import reconcile_seats
from registrations.tasks import check_seats
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def run(*options: str) -> tuple[list[str], str]:
    """The lines of the command, and what it ends with."""
    output = StringIO()
    try:
        call_command("reconcile_seats", *options, stdout=output)
    except CommandError as error:
        return output.getvalue().splitlines(), str(error)
    return output.getvalue().splitlines(), ""


def spoil(event: Event, **columns: Any) -> None:
    """What a change by hand does."""
    Event.objects.filter(pk=event.pk).update(**columns)


@pytest.fixture
def event(alice: Caller, bob: Caller, carol: Caller) -> Event:
    """Two seats, both taken, and an honest counter."""
    event = make_event(alice, max_attendees=2)
    for guest in (bob, carol):
        assert guest.post(f"/events/{event.id}/register").status_code == 201
    return event


def test_honest_counters_are_no_drift(event: Event, alice: Caller, carol: Caller) -> None:
    make_event(alice)
    carol.delete(f"/events/{event.id}/register")

    assert run() == (["2 events, 0 drifted, 0 corrected"], "")


@pytest.mark.parametrize("counter", [0, 1])
def test_a_counter_that_lies_is_told_and_left(event: Event, counter: int) -> None:
    spoil(event, current_attendees=counter)
    before = snapshot(event)

    lines, error = run()

    facts = f"counter {counter}  seats held 2  waiting beside a free seat 0"
    assert lines == [f"{event.id}  {facts}  wrong", "1 events, 1 drifted, 0 corrected"]
    assert error == "1 remain; --fix corrects those that are not oversold."
    assert snapshot(event) == before


def test_fix_sets_the_counter_and_says_nothing_to_the_world(event: Event) -> None:
    spoil(event, current_attendees=0)
    before = snapshot(event)

    lines, error = run("--fix")

    assert (lines[0].split()[-1], lines[1], error) == ("corrected", "1 events, 1 drifted, 1 corrected", "")
    assert snapshot(event)[0] == {**before[0], "current_attendees": 2}
    assert snapshot(event)[1:] == before[1:]
    assert run() == (["1 events, 0 drifted, 0 corrected"], "")


def test_every_state_that_holds_a_seat_counts(event: Event, bob: Caller, carol: Caller) -> None:
    for guest, status in ((bob, "attended"), (carol, "no_show")):
        event.registrations.filter(user_id=guest.id).update(status=status)

    assert reconcile_seats().drifted == 0


def test_who_waits_beside_a_free_seat_moves_up(event: Event, root: Caller, bob: Caller) -> None:
    root.post(f"/events/{event.id}/register", {"waitlist": True})
    event.registrations.filter(user_id=bob.id).update(status="cancelled")

    (line, _), error = run("--fix")

    assert "counter 2  seats held 1  waiting beside a free seat 1  corrected" in line
    assert error == ""
    assert event.registrations.get(user_id=root.id).status == "registered"
    assert Event.objects.get().current_attendees == 2
    assert [message["user_id"] for message in messages("event.registration.promoted")] == [str(root.id)]
    assert reconcile_seats().drifted == 0


def test_who_waits_for_what_has_started_waits_for_no_seat(event: Event, root: Caller, bob: Caller) -> None:
    root.post(f"/events/{event.id}/register", {"waitlist": True})
    event.registrations.filter(user_id=bob.id).update(status="cancelled")
    spoil(event, current_attendees=1, start_date=in_days(-1))

    assert reconcile_seats().drifted == 0


def test_an_oversold_event_is_left_to_people(event: Event) -> None:
    spoil(event, current_attendees=1, max_attendees=1)
    before = snapshot(event)

    lines, error = run("--fix")

    assert (lines[0].split()[-1], error[:8]) == ("wrong", "1 remain")
    assert snapshot(event) == before


def test_a_batch_after_the_other_reaches_every_event(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(reconciling, "BATCH_SIZE", 2)
    events = sorted((make_event(alice) for _ in range(5)), key=lambda event: event.id)
    Event.objects.update(current_attendees=1)

    found: list[Any] = []
    with django_assert_num_queries(5):  # two and two, one, none, and the check itself
        check = reconcile_seats(report=lambda count, _: found.append(count.event_id))

    assert found == [event.id for event in events]
    assert (check.events, check.drifted, check.corrected) == (5, 5, 0)


def test_an_event_that_is_gone_or_right_meanwhile_is_right(event: Event) -> None:
    before = snapshot(event)

    assert reconciling.is_now_right(event.id)
    assert snapshot(event) == before

    event.delete()
    assert reconciling.is_now_right(event.id)


def test_each_event_is_counted_by_an_index(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events, event_registrations")
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table of a test is shorter than any index
        parameters = {"holding": ["registered"], "after": reconciling.BEFORE_ALL, "size": 1000}
        cursor.execute(f"EXPLAIN (COSTS OFF) {reconciling.NEXT_SQL}", parameters)
        plan = [line for (line,) in cursor.fetchall()]

    assert any("Index Cond: (event_id = events.id)" in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan


def test_the_nightly_check_is_what_the_scrape_and_the_alert_see(event: Event, anonymous: Caller) -> None:
    spoil(event, current_attendees=1)
    before = snapshot(event)

    check_seats()
    scraped = anonymous.get("/metrics").content.decode()

    assert snapshot(event) == before
    checked_at = SeatCheck.objects.get().checked_at
    assert "\nseat_drift 1.0\n" in scraped
    (line,) = [line for line in scraped.splitlines() if line.startswith("seat_check_timestamp_seconds ")]
    assert datetime.fromtimestamp(float(line.split()[1]), UTC) == checked_at

    run("--fix")
    assert "\nseat_drift 0.0\n" in anonymous.get("/metrics").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_somebody_holds_is_told_and_the_others_are_corrected(event: Event, alice: Caller) -> None:
    free = make_event(alice)
    Event.objects.update(current_attendees=1)
    outcomes: dict[Any, bool] = {}

    with transaction.atomic():
        Event.objects.lock(event.id)
        thread = threading.Thread(target=reconcile_elsewhere, args=(outcomes,))
        thread.start()
        thread.join()

    assert outcomes == {event.id: False, free.id: True}
    assert reconcile_seats(is_fixing=True).corrected == 1


def reconcile_elsewhere(outcomes: dict[Any, bool]) -> None:
    """On a connection of its own that waits for no lock."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20ms'")
        reconcile_seats(is_fixing=True, report=lambda count, is_right: outcomes.update({count.event_id: is_right}))
    finally:
        connection.close()
