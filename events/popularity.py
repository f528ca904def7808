"""What `sort=popular` orders by: `popularity` follows `current_attendees`, which no index may hold."""

from uuid import UUID

from django.db import connection, transaction

BATCH_SIZE = 1_000
NIL = UUID(int=0)
# The rows are locked in the order of their ids, and one that somebody holds is left to the next run.
FOLLOW_SQL = """
    WITH moved AS (
        SELECT id FROM events
        WHERE status = 'active' AND popularity <> current_attendees AND id > %s
        ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE events SET popularity = current_attendees FROM moved WHERE events.id = moved.id RETURNING events.id
"""


def refresh_popularity() -> int:
    """Bring the popularity of active events up to date; returns how many moved. A repeat changes nothing.

    One transaction a batch, so that no registration waits for long.
    """
    total, last = 0, NIL
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FOLLOW_SQL, [last, BATCH_SIZE])
            moved = [event_id for (event_id,) in cursor.fetchall()]
        total += len(moved)
        if len(moved) < BATCH_SIZE:
            return total
        last = max(moved)
