"""Statements that go out together are one transaction, alone or inside another."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, connection, transaction

from meetinity_events.prepared import run_together
from registrations.models import CalendarFeed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TURN = "SELECT pg_advisory_xact_lock(%(number)s::bigint)"
STORE = "INSERT INTO calendar_feeds (user_id, serial) VALUES (%(user_id)s, %(serial)s) RETURNING serial"
COUNT = "SELECT count(*) FROM calendar_feeds"
FAIL = "SELECT 1 / (%(number)s::int - 7)"


@pytest.fixture
def parameters() -> dict[str, Any]:
    return {"number": 7, "user_id": uuid4(), "serial": uuid4()}


def is_turn_free(number: int) -> bool:
    """As another connection sees it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
            return bool(cursor.fetchone()[0])
    finally:
        other.close()


def test_the_rows_are_those_of_the_statements_and_the_locks_end_with_them(parameters: dict[str, Any]) -> None:
    rows = run_together(locks=[TURN], statements=[STORE, COUNT], parameters=parameters)

    assert rows == [(parameters["serial"],), (1,)]
    assert CalendarFeed.objects.get().serial == parameters["serial"]
    assert is_turn_free(7)


def test_one_that_fails_undoes_them_all_and_the_connection_goes_on(parameters: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="division by zero"):
        run_together(locks=[TURN], statements=[STORE, FAIL], parameters=parameters)

    assert not CalendarFeed.objects.exists()
    assert is_turn_free(7)


def test_inside_a_transaction_they_are_a_part_of_it(parameters: dict[str, Any]) -> None:
    with transaction.atomic():
        run_together(locks=[TURN], statements=[STORE], parameters=parameters)
        assert not is_turn_free(7)
        with pytest.raises(DataError):
            run_together(locks=[], statements=["DELETE FROM calendar_feeds RETURNING 1", FAIL], parameters=parameters)
        assert CalendarFeed.objects.count() == 1
        transaction.set_rollback(True)

    assert not CalendarFeed.objects.exists()


def test_in_one_round_trip_means_one_statement_after_the_other_for_the_server(parameters: dict[str, Any]) -> None:
    """Each sees what the one before stored, and all have one transaction's time and id."""
    same = "SELECT now()::text || txid_current()::text"

    first, second = run_together(locks=[], statements=[same, same], parameters={})
    (another,) = run_together(locks=[], statements=[same], parameters={})

    assert first == second != another
