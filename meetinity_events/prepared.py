"""Constant statements that PostgreSQL plans once for each connection, where planning would cost more than running."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def fetch_all(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement whose text never holds a value; parameters are bound by the server, so that types matter.

    One that may be None, or whose type its place does not tell, is cast: `%(key)s::text`. In the caller's transaction.
    Prepared at its first use on a connection. Tests count it as they count Django's own queries.
    """
    with connection.cursor():  # opens, and asks whether it still works, once a request
        pass
    bound: Any = psycopg.Cursor(connection.connection)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(bound) as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def fetch_row(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first of the rows, None without any."""
    rows = fetch_all(sql, parameters)
    return rows[0] if rows else None
