"""That the database settings reach PostgreSQL."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_a_statement_waits_two_seconds_for_a_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)


@pytest.mark.django_db
def test_the_planner_is_told_that_questions_are_short() -> None:
    names = ("jit", "max_parallel_workers_per_gather", "random_page_cost", "pg_trgm.similarity_threshold")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join('current_setting(%s)' for _ in names)}", names)
        assert cursor.fetchone() == ("off", "0", "1.1", "0.2")
