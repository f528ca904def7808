"""Prepared statements over Django's connection."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction

from meetinity_events.prepared import fetch_all

BACKEND = "SELECT pg_backend_pid(), %(id)s::uuid"


def end(backend: int) -> None:
    """As a failover does."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])


@pytest.mark.django_db
def test_a_statement_is_planned_once_and_counted_like_any_other(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        for _ in range(3):
            fetch_all("SELECT %(number)s::integer + 1", {"number": 41})

    statements = fetch_all("SELECT statement FROM pg_prepared_statements", {})
    assert sum("+ 1" in statement for (statement,) in statements) == 1


@pytest.mark.django_db
def test_values_come_as_django_gives_them() -> None:
    sql = "SELECT '2030-01-02T03:04:05Z'::timestamptz, 1.50::numeric(10, 2), ARRAY['a']::varchar[], %(id)s::uuid"
    name = uuid4()

    [(instant, price, tags, found)] = fetch_all(sql, {"id": name})

    assert (instant.isoformat(), str(price), tags, found) == ("2030-01-02T03:04:05+00:00", "1.50", ["a"], name)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_has_ended_is_replaced() -> None:
    [(before, _)] = fetch_all(BACKEND, {"id": uuid4()})
    end(before)

    [(after, _)] = fetch_all(BACKEND, {"id": uuid4()})

    assert after != before


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_never_continued_on_another_connection() -> None:
    def ask_end_ask() -> None:
        with transaction.atomic():
            [(backend, _)] = fetch_all(BACKEND, {"id": uuid4()})
            end(backend)
            fetch_all(BACKEND, {"id": uuid4()})

    with pytest.raises(OperationalError):
        ask_end_ask()


@pytest.mark.django_db(transaction=True)
def test_what_the_statement_does_wrong_is_not_tried_again(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), pytest.raises(DataError):
        fetch_all("SELECT 1 / %(zero)s::integer", {"zero": 0})
