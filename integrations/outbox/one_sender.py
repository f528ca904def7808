"""What every relay stands on: a connection of its own, which holds the lock of its destination and does the marking."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Seconds of silence before the first probe, between probes, and their number; of the server's side of a TCP connection.
NOTICE_A_DEAD_CLIENT = """
    SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false)
"""


@contextmanager
def own_connection() -> Iterator[CursorWrapper]:
    """A connection beside the one of this thread, without a transaction.

    It holds the lock and does the marking, so that a relay that lost its lock with its connection can mark nothing.
    When its machine vanishes, the server notices within half a minute, and a relay elsewhere takes over.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(NOTICE_A_DEAD_CLIENT)
            yield cursor
    finally:
        own.close()


@contextmanager
def pipeline(cursor: CursorWrapper) -> Iterator[None]:
    """Send statements without waiting for their answers, which are there at the end of the block.

    The database works while the block does something else. Raises what a statement raises, at the end at the latest.
    """
    with cursor.db.wrap_database_errors, cursor.connection.pipeline():
        yield


def ask(cursor: CursorWrapper, sql: str) -> bool:
    """The answer to a yes-or-no question."""
    cursor.execute(sql)
    return bool(cursor.fetchone()[0])
