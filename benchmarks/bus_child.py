"""The child of `benchmarks.bus`: one part of the bus in this process, measured, printed as one line of JSON.

It stands apart because Django reads its settings from the environment that its parent has made, and because a process
of its own has a peak of memory of its own.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import django

django.setup()

from confluent_kafka import Producer  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402

from integrations.kafka.consumer import MessageConsumer  # noqa: E402
from integrations.kafka.envelope import build_headers  # noqa: E402
from integrations.kafka.producer import get_producer  # noqa: E402
from integrations.outbox.one_sender import own_connection  # noqa: E402
from integrations.outbox.record import insert_params, insert_sql, nudge  # noqa: E402
from integrations.outbox.relay import COLUMNS, WAITING, Row, relay_outbox  # noqa: E402

Figures = dict[str, float]
WRITERS = 12
# A change and its message in one statement and one commit, as a registration has them.
WRITE = "WITH change AS (SELECT %(key)s AS key, %(payload)s::jsonb AS payload) " + insert_sql(
    message_type="event.updated", source="change", key_sql="key", payload_sql="payload"
)


class Watch:
    """How long a block takes, and how much of a processor this process uses for it."""

    def __enter__(self) -> "Watch":
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        seconds, processor_seconds = self._began
        self.figures = {
            "seconds": time.perf_counter() - seconds,
            "processor_seconds": time.process_time() - processor_seconds,
        }


def relay() -> Figures:
    """Send everything that waits, as a worker does, which knows the broker."""
    get_producer().list_topics(timeout=10)
    with Watch() as watch:
        sent = relay_outbox()
    return {"messages": sent, **watch.figures}


def bare() -> Figures:
    """Send the bytes of everything that waits by the client library alone: as fast as this broker and Python allow."""
    with own_connection() as cursor:
        cursor.execute(f"SELECT {COLUMNS} {WAITING} ORDER BY id")
        messages = [make_message(Row._make(values)) for values in cursor.fetchall()]
    producer = Producer(
        {
            "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": len(messages) + 1,
        }
    )
    producer.list_topics(timeout=10)
    with Watch() as watch:
        for topic, key, value, headers in messages:
            producer.produce(topic, key=key, value=value, headers=headers)
        assert producer.flush(60) == 0
    return {"messages": len(messages), **watch.figures}


def make_message(row: Row) -> tuple[str, bytes, bytes, dict[str, str | bytes | None]]:
    """A row as the relay sends it."""
    headers = build_headers(
        message_id=row.id,
        message_type=row.message_type,
        subject=row.key,
        time=row.time,
        extra=json.loads(row.headers),
    )
    return row.topic, row.key.encode(), row.payload.encode(), headers


def write(rate: str, seconds: str) -> Figures:
    """Record so many messages a second, each in a statement of its own that says when it began.

    The writers take as little of the processors as they can, since it is the relay whose lag is measured.
    """
    end = time.monotonic() + float(seconds)
    pause_seconds = WRITERS / float(rate)
    counts = [0] * WRITERS

    def run(number: int) -> None:
        due = time.monotonic() + pause_seconds * number / WRITERS
        while max(due, time.monotonic()) < end:
            time.sleep(max(0.0, due - time.monotonic()))
            key = str(UUID(int=number * 1000 + counts[number] % 50))
            payload = json.dumps({"event_id": key, "began": time.time()})
            with connection.cursor() as cursor:
                cursor.execute(WRITE, {"key": key, "payload": payload, **insert_params()})
            nudge()
            counts[number] += 1
            due += pause_seconds
        connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"messages": sum(counts), "seconds": time.perf_counter() - started}


def consume(count: str) -> Figures:
    """Read so many messages from the user topics, from the first to the commit behind the last."""
    consumer = MessageConsumer(settings.KAFKA_USER_TOPICS)
    done, started = 0, time.perf_counter()
    while done < int(count):
        before = time.perf_counter()
        outcomes = consumer.poll_once()
        started = started if done else before
        if set(outcomes) - {"handled"}:
            raise RuntimeError(f"a message was not handled: {set(outcomes)}")
        done += len(outcomes)
    seconds = time.perf_counter() - started
    consumer.close()
    return {"messages": done, "seconds": seconds}


def peak_mib() -> float:
    """The most memory that this process has held."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


PARTS: dict[str, Callable[..., Figures]] = {"relay": relay, "bare": bare, "write": write, "consume": consume}

if __name__ == "__main__":
    figures = PARTS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**figures, "peak_mib": peak_mib()}))
