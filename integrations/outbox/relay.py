"""Sends the outbox to Kafka: one relay at a time, in order of id, marking what Kafka has acknowledged."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from integrations.outbox.delivery import Delivery, Row, deliver
from integrations.outbox.one_sender import ask, own_connection
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.outbox")

# The name of the lock in this database: "one relay to Kafka".
LOCK = "hashtextextended('meetinity.outbox.kafka', 0)"
WAITING = "FROM outbox_messages WHERE destination = 'kafka' AND published_at IS NULL AND parked_at IS NULL"
# Positions are drawn in the order of the ids: unnest() gives them one after the other.
MARK_SQL = """
    WITH finished AS (SELECT id, nextval('outbox_messages_position') AS position FROM unnest(%s::bigint[]) AS id)
    UPDATE outbox_messages AS message SET published_at = now(), position = finished.position
    FROM finished WHERE message.id = finished.id
"""
COLUMNS = "id, topic, key, message_type, payload, headers, created_at"


def relay_outbox() -> int:
    """Send waiting messages until none is left or Kafka stops answering; returns how many it acknowledged.

    Zero at once while another relay works. After giving up the lock it looks once more, so that a message that was
    committed meanwhile, whose own nudge met the lock, does not wait for the sweep. Safe to repeat and to kill: what was
    sent and not yet marked is sent again, and consumers drop it by its `ce_id`.
    """
    published = 0
    with own_connection() as cursor:
        while has_waiting(cursor) and ask(cursor, f"SELECT pg_try_advisory_lock({LOCK})"):
            count, is_kafka_up = drain(cursor)
            published += count
            ask(cursor, f"SELECT pg_advisory_unlock({LOCK})")
            if not is_kafka_up:
                break
    return published


def has_waiting(cursor: CursorWrapper) -> bool:
    """True while there is a message to send."""
    return ask(cursor, f"SELECT EXISTS (SELECT {WAITING})")


def drain(cursor: CursorWrapper) -> tuple[int, bool]:
    """Send batch after batch; returns the number published, and False when Kafka stopped answering.

    Kafka refuses a whole packet for one bad message in it. After such a refusal the same messages go out one at a
    time, so that only the one that is refused alone is parked.
    """
    published, singles = 0, 0
    while rows := fetch(cursor, 1 if singles else settings.OUTBOX_BATCH_SIZE):
        delivery = deliver(rows)
        published += settle(cursor, rows, delivery)
        if delivery.is_suspect:
            singles = len(rows)
        elif delivery.is_broken:
            logger.warning("Kafka does not answer, the rest waits", extra={"published": published})
            return published, False
        else:
            singles = max(0, singles - 1)
    return published, True


def fetch(cursor: CursorWrapper, limit: int) -> list[Row]:
    """The oldest waiting messages."""
    cursor.execute(f"SELECT {COLUMNS} {WAITING} ORDER BY id LIMIT %s", [limit])
    return [Row(*values) for values in cursor.fetchall()]


def settle(cursor: CursorWrapper, rows: Sequence[Row], delivery: Delivery) -> int:
    """Mark what is finished; returns how many were published.

    A message counts as published when it and every earlier one of its key in the batch was acknowledged: otherwise the
    earlier one would be sent again behind it. One that can never be sent is parked and holds nobody up.
    """
    open_keys: set[tuple[str, str]] = set()
    published: list[Row] = []
    for row in rows:
        if row.id in delivery.acknowledged and (row.topic, row.key) not in open_keys:
            published.append(row)
        elif row.id in delivery.unsendable:
            park(cursor, row, delivery.unsendable[row.id])
        else:
            open_keys.add((row.topic, row.key))
    cursor.execute(MARK_SQL, [[row.id for row in published]])
    for row in published:
        metrics.OUTBOX_PUBLISHED.labels(row.message_type).inc()
    return len(published)


def park(cursor: CursorWrapper, row: Row, error: str) -> None:
    """Give a message up and keep it, with the reason."""
    cursor.execute("UPDATE outbox_messages SET parked_at = now(), error = %s WHERE id = %s", [error, row.id])
    metrics.OUTBOX_PARKED.inc()
    logger.error("outbox message parked", extra={"message_id": row.id, "event_type": row.message_type, "error": error})
