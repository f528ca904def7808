"""What a large load sets aside while it runs: constraints and indexes, all made again as they were.

Nobody sees the tables without them: it happens inside the transaction of the load, whose locks keep everybody out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# The key of `events` stays: its ids come in order. Keys come before the foreign keys, as they are made again.
FIND_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conparentid = 0 AND (
        conrelid = 'event_registrations'::regclass AND contype IN ('p', 'u', 'f')
        OR conrelid = 'events'::regclass AND contype = 'f'
    )
    ORDER BY contype = 'f', oid
"""
# Partial ones hold few rows, but for those of the places. The oldest is made first: partitions number the names.
FIND_INDEXES = """
    SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    FROM pg_index
    WHERE indrelid IN ('events'::regclass, 'event_registrations'::regclass) AND NOT indisunique
        AND (indpred IS NULL OR pg_get_indexdef(indexrelid) LIKE '% USING gist %')
    ORDER BY pg_index.indexrelid
"""


@contextmanager
def set_aside() -> Iterator[None]:
    """Load without them, inside of the caller's transaction. Raises IntegrityError where the rows break a constraint.

    PostgreSQL checks a foreign key row by row, that to `events` by opening every partition, which takes 100 of 123
    microseconds; at the end it is one join. An index that is built in one go costs a third of one that grows, less
    where two processes build it.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND_CONSTRAINTS)
        constraints = cursor.fetchall()
        cursor.execute(FIND_INDEXES)
        indexes = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _, statement in indexes:
            cursor.execute(statement)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
