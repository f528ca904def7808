"""What a large load sets aside while it runs: the check of a foreign key, and indexes, both made again as they were.

Nobody sees the tables without them: it happens inside the transaction of the load, whose locks keep everybody out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FOREIGN_KEY = "event_registrations_event_id_fkey"
FIND_FOREIGN_KEY = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conparentid = 0"
# Keys are constraints, partial indexes hold few rows: both stay. The oldest is made first: partitions number the names.
FIND_INDEXES = """
    SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    FROM pg_index
    WHERE indrelid IN ('events'::regclass, 'event_registrations'::regclass) AND NOT indisunique AND indpred IS NULL
    ORDER BY pg_index.indexrelid
"""


@contextmanager
def set_aside() -> Iterator[None]:
    """Load without them, inside of the caller's transaction.

    PostgreSQL checks the foreign key row by row by opening every partition of `events`, which takes 100 of 123
    microseconds; at the end it is one join. An index that is built in one go costs a third of one that grows.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND_FOREIGN_KEY, [FOREIGN_KEY])
        definition = cursor.fetchone()[0]
        cursor.execute(FIND_INDEXES)
        indexes = cursor.fetchall()
        cursor.execute(f"ALTER TABLE event_registrations DROP CONSTRAINT {FOREIGN_KEY}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, statement in indexes:
            cursor.execute(statement)
        cursor.execute(f"ALTER TABLE event_registrations ADD CONSTRAINT {FOREIGN_KEY} {definition}")
