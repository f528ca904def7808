"""An export is one picture: what is committed meanwhile is not in it, neither whole nor in part."""

import csv
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import TextIOWrapper
from threading import Event as Signal
from uuid import UUID

import pytest
from django.db import connection, transaction

from events.models import Event
from meetinity_events.embedded.ports import wait_until
from registrations import export
from registrations.models import Registration
from tests.factories import Caller, make_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

WAITING_SQL = "SELECT count(*) FROM pg_locks WHERE relation = 'event_registrations'::regclass AND NOT granted"


def change_meanwhile(event: Event, holding: Signal) -> None:
    """Hold the registrations until the export has read the event and waits for them, then change both and commit."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE event_registrations IN ACCESS EXCLUSIVE MODE")
            holding.set()
            assert wait_until(lambda: export_waits(), 60)
            Registration.objects.create(event=event, user_id=UUID(int=2), registration_data={"shirt": "L"})
            Registration.objects.filter(event=event, user_id=UUID(int=1)).update(status="cancelled")
            Event.objects.filter(pk=event.pk).update(registration_form={"properties": {"shirt": {}}})
    finally:
        connection.close()


def export_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_SQL)
        return bool(cursor.fetchone()[0])


@contextmanager
def changed_during_the_export(event: Event) -> Iterator[Future[None]]:
    holding = Signal()
    with ThreadPoolExecutor(1) as pool:
        change = pool.submit(change_meanwhile, event, holding)
        assert holding.wait(5)
        yield change
        change.result()


def export_rows(event: Event, organiser: Caller) -> list[list[str]]:
    assert organiser.principal is not None
    exported = export.export_registrations(
        event_id=event.id, caller=organiser.principal, file_format=export.FileFormat.CSV
    )
    with TextIOWrapper(exported.file, "utf-8-sig", newline="") as text:
        return [[row[2], *row[len(export.COLUMNS) :]] for row in csv.reader(text)]


def test_a_change_during_the_export_is_not_in_it(alice: Caller) -> None:
    event = make_event(alice)
    Registration.objects.create(event=event, user_id=UUID(int=1))

    with changed_during_the_export(event):
        rows = export_rows(event, alice)

    assert rows == [["status", "other_answers"], ["registered", ""]]
    assert export_rows(event, alice) == [
        ["status", "answer_shirt", "other_answers"],
        ["cancelled", "", ""],
        ["registered", "L", ""],
    ]


def test_without_the_snapshot_half_of_it_would_be(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the new registration under the old questions."""
    monkeypatch.setattr(export, "SNAPSHOT_SQL", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY")
    event = make_event(alice)
    Registration.objects.create(event=event, user_id=UUID(int=1))

    with changed_during_the_export(event):
        rows = export_rows(event, alice)

    assert rows == [["status", "other_answers"], ["cancelled", ""], ["registered", '{"shirt": "L"}']]


def test_the_rows_are_as_they_were_when_the_first_was_read(alice: Caller) -> None:
    event = make_event(alice)
    for number in range(3 * export.ROWS_A_FETCH):
        Registration.objects.create(event=event, user_id=UUID(int=number))

    with export.one_snapshot():
        rows = export.read_rows(event.id, None)
        first = next(rows)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(cancel_all, event).result()
        statuses = {first[2], *(row[2] for row in rows)}

    assert statuses == {"registered"}
    assert set(event.registrations.values_list("status", flat=True)) == {"cancelled"}


def cancel_all(event: Event) -> None:
    try:
        event.registrations.update(status="cancelled")
    finally:
        connection.close()


def test_the_transaction_reads_only_and_is_over_when_the_file_is_there(alice: Caller) -> None:
    event = make_event(alice)

    assert export_rows(event, alice) == [["status", "other_answers"]]
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid() AND xact_start < query_start"
        )
        assert cursor.fetchone() == (0,)
    with export.one_snapshot(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
