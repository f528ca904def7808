"""Sends the outbox to Kafka: one relay a shard at a time, in order of id, marking what Kafka has acknowledged."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from integrations.outbox import shards
from integrations.outbox.delivery import Delivery, Row, send, wait_for_reports
from integrations.outbox.followers import tell_followers
from integrations.outbox.one_sender import ask, own_connection, pipeline
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.outbox")

WAITING = "FROM outbox_messages WHERE destination = 'kafka' AND published_at IS NULL AND parked_at IS NULL"
# Positions are drawn as one block in the order of the ids. The relays of several shards take turns from drawing to
# commit, so that whoever has read up to a position has read everything before it.
MARK_SQL = """
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('meetinity.outbox.position', 0))),
    block AS MATERIALIZED (
        SELECT ids, nextval('outbox_messages_position') AS before_first FROM turn, (SELECT %s::bigint[] AS ids) batch
    ),
    drawn AS MATERIALIZED (
        SELECT ids, before_first, setval('outbox_messages_position', before_first + cardinality(ids)) FROM block
    )
    UPDATE outbox_messages AS message SET published_at = now(), position = drawn.before_first + batch.place
    FROM drawn, unnest(drawn.ids) WITH ORDINALITY AS batch (id, place) WHERE message.id = batch.id
"""
# PostgreSQL writes the time in the platform's form, which costs a third of what reading it here and writing it does.
TIME = """to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
COLUMNS = f"id, topic, key, message_type, payload, headers, {TIME}"
# A transaction may commit after later ones whose rows were sent already; those of the last so many ids are looked for
# with every batch, older ones by the next run.
LATE_IDS = 10_000


def never() -> bool:
    """Go on until nothing waits."""
    return False


def relay_outbox(is_over: Callable[[], bool] = never) -> int:
    """Send waiting messages until none is left, Kafka stops answering or `is_over`; returns how many it acknowledged.

    Zero at once while other relays work on every shard. After giving up a shard it looks once more, so that a message
    that was committed meanwhile, whose own nudge met the lock, does not wait for the sweep. Safe to repeat and to kill:
    what was sent and not yet marked is sent again, and consumers drop it by its `ce_id`.
    """
    published, count = 0, settings.OUTBOX_SHARDS
    with own_connection() as cursor:
        for number in random.sample(range(count), count):
            shard = shards.Shard(number, count)
            while has_waiting(cursor, shard) and shards.take(cursor, shard):
                sent, is_kafka_up = drain(cursor, shard, is_over)
                published += sent
                shards.give_back(cursor)
                if not is_kafka_up or is_over():
                    return published
    return published


def has_waiting(cursor: CursorWrapper, shard: shards.Shard) -> bool:
    """True while there is a message to send."""
    return ask(cursor, f"SELECT EXISTS (SELECT {WAITING} {shard.condition})")


def drain(cursor: CursorWrapper, shard: shards.Shard, is_over: Callable[[], bool]) -> tuple[int, bool]:
    """Send batch after batch; returns the number published, and False when Kafka stopped answering.

    Kafka takes one batch and acknowledges it while the database marks the one before and reads the one behind; nothing
    of a batch is sent before everything of the one before was acknowledged, marked or not. Kafka refuses a whole packet
    for one bad message in it. After such a refusal the same messages go out one at a time, so that only the one that is
    refused alone is parked.
    """
    published, done, coming = 0, Delivery(()), fetch(cursor, shard)
    while coming and not done.has_failed:
        with cursor.db.cursor() as ahead:
            with pipeline(cursor):
                cursor.execute("BEGIN")
                published += settle(cursor, done)
                cursor.execute("COMMIT")
                ask_for_waiting(ahead, shard, behind=coming)
                done = deliver(coming)
            coming = [] if is_over() else read_rows(ahead)
    published += settle(cursor, done)
    outage = done.outage
    if done.is_suspect:
        count, outage = send_singly(cursor, shard, len(done.rows))
        published += count
    if outage:
        logger.warning("Kafka does not answer, the rest waits", extra={"published": published, "reason": outage})
    return published, not outage


def deliver(rows: Sequence[Row]) -> Delivery:
    """Send the rows, wait for what becomes of them, and tell the followers before anybody marks them.

    A relay that is killed in between sends and tells them again.
    """
    delivery = send(rows)
    wait_for_reports(delivery)
    if delivery.acknowledged:
        tell_followers({row.key for row in rows if row.id in delivery.acknowledged})
    return delivery


def send_singly(cursor: CursorWrapper, shard: shards.Shard, count: int) -> tuple[int, str]:
    """Send that many of the oldest messages one at a time; returns the number published, and what ended it early."""
    published = 0
    for _ in range(count):
        delivery = deliver(fetch(cursor, shard, limit=1))
        published += settle(cursor, delivery)
        if delivery.outage:
            return published, delivery.outage
    return published, ""


def fetch(cursor: CursorWrapper, shard: shards.Shard, *, limit: int | None = None) -> list[Row]:
    """The oldest waiting messages: OUTBOX_BATCH_SIZE unless said otherwise."""
    ask_for_waiting(cursor, shard, limit=limit)
    return read_rows(cursor)


def ask_for_waiting(
    cursor: CursorWrapper, shard: shards.Shard, *, behind: Sequence[Row] = (), limit: int | None = None
) -> None:
    """Select the oldest, only those `behind` what is on its way; in a pipeline without waiting for them."""
    oldest = behind[0].id - LATE_IDS if behind else 0
    cursor.execute(
        f"SELECT {COLUMNS} {WAITING} {shard.condition} AND id > %s AND id <> ALL(%s::bigint[]) ORDER BY id LIMIT %s",
        [oldest, list_ids(behind), limit or settings.OUTBOX_BATCH_SIZE],
    )


def read_rows(cursor: CursorWrapper) -> list[Row]:
    """What was asked for."""
    return [Row._make(values) for values in cursor.fetchall()]


def list_ids(rows: Sequence[Row]) -> str:
    """An array for PostgreSQL, as text: the driver would look at each number by itself."""
    return f"{{{','.join(str(row.id) for row in rows)}}}"


def settle(cursor: CursorWrapper, delivery: Delivery) -> int:
    """Mark what is finished; returns how many were published.

    A message counts as published when it and every earlier one of its key in the batch was acknowledged: otherwise the
    earlier one would be sent again behind it. One that can never be sent is parked and holds nobody up.
    """
    open_keys: set[tuple[str, str]] = set()
    published: list[Row] = []
    for row in delivery.rows:
        if row.id in delivery.acknowledged and (row.topic, row.key) not in open_keys:
            published.append(row)
        elif row.id in delivery.unsendable:
            park(cursor, row, delivery.unsendable[row.id])
        else:
            open_keys.add((row.topic, row.key))
    if published:
        cursor.execute(MARK_SQL, [list_ids(published)])
        for message_type, count in Counter(row.message_type for row in published).items():
            metrics.OUTBOX_PUBLISHED.labels(message_type).inc(count)
    return len(published)


def park(cursor: CursorWrapper, row: Row, error: str) -> None:
    """Give a message up and keep it, with the reason."""
    cursor.execute("UPDATE outbox_messages SET parked_at = now(), error = %s WHERE id = %s", [error, row.id])
    metrics.OUTBOX_PARKED.inc()
    logger.error("outbox message parked", extra={"message_id": row.id, "event_type": row.message_type, "error": error})
