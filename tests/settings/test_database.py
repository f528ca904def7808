"""That the database settings reach PostgreSQL."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_a_statement_waits_two_seconds_for_a_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)
