"""What every relay stands on: a connection of its own, which holds the lock of its destination and does the marking."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper


@contextmanager
def own_connection() -> Iterator[CursorWrapper]:
    """A connection beside the one of this thread, without a transaction.

    It holds the lock and does the marking, so that a relay that lost its lock with its connection can mark nothing.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


def ask(cursor: CursorWrapper, sql: str) -> bool:
    """The answer to a yes-or-no question."""
    cursor.execute(sql)
    return bool(cursor.fetchone()[0])
