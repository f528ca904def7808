"""Constant statements that PostgreSQL plans once for each connection, where planning would cost more than running."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction

Rows = list[tuple[Any, ...]]


def fetch_all(sql: str, parameters: Mapping[str, Any]) -> Rows:
    """The rows of a statement whose text never holds a value; the server binds the parameters, so that types matter.

    One that may be None, or whose type its place does not tell, is cast: `%(key)s::text`. Prepared at its first use on
    a connection. In the caller's transaction; outside of one it has to be a read: a connection that PostgreSQL has
    ended meanwhile is replaced and asked again, which costs nothing while it works, unlike asking each time whether it
    does. Raises OperationalError.
    """
    try:
        return run(sql, parameters)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return run(sql, parameters)


def run(sql: str, parameters: Mapping[str, Any]) -> Rows:
    """Over Django's connection, and counted like its own queries; values come in their binary form."""
    database: Any = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up at each use
    database.health_check_done = True
    database.ensure_connection()
    bound: Any = psycopg.Cursor(database.connection)
    bound.format = psycopg.pq.Format.BINARY
    wrap = database.make_debug_cursor if database.queries_logged else database.make_cursor
    with wrap(bound) as cursor:
        cursor.execute(sql, parameters)
        rows: Rows = cursor.fetchall()
    return rows


def run_together(*, locks: Sequence[str], statements: Sequence[str], parameters: Mapping[str, Any]) -> Rows:
    """Take the locks, then run the statements, as one transaction in one round trip; the rows of the statements.

    PostgreSQL commits without asking back, so that no time of a client lies between a lock and its end. Each statement
    sees what others stored before the locks came. In a transaction of the caller's it is a savepoint of that.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            for lock in locks:
                fetch_all(lock, parameters)
            return [row for statement in statements for row in fetch_all(statement, parameters)]
    with connection.cursor():  # opens, and asks whether it still works: a write is not sent twice
        pass
    with connection.wrap_database_errors, connection.connection.pipeline():
        # Without BEGIN everything up to the end of a pipeline is one transaction.
        cursors = [psycopg.Cursor(connection.connection).execute(sql, parameters) for sql in (*locks, *statements)]
    return [row for cursor in cursors[len(locks) :] for row in cursor.fetchall()]
