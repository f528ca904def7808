"""One batch on its way to Kafka: what was acknowledged, what can never be sent, and what is still open."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from integrations.kafka.envelope import build_headers
from integrations.kafka.producer import discard_producer, get_producer

DELIVERY_SECONDS = 10.0
# What the broker says about a message and not about itself.
REFUSALS = (
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE,
    KafkaError.INVALID_MSG_SIZE,
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.TOPIC_EXCEPTION,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting message as the outbox holds it; `payload` and `headers` are JSON text."""

    id: int
    topic: str
    key: str
    message_type: str
    payload: str
    headers: str
    created_at: datetime


@dataclass(slots=True)
class Delivery:
    """What is known of a batch after its time. A row that is in neither `acknowledged` nor `unsendable` stays open.

    `is_suspect`: the broker refused a packet of several messages, one of which is bad. `is_broken`: it did not answer.
    """

    acknowledged: set[int] = field(default_factory=set)
    unsendable: dict[int, str] = field(default_factory=dict)
    is_suspect: bool = False
    is_broken: bool = False


def deliver(rows: Sequence[Row]) -> Delivery:
    """Send the rows in their order and wait for Kafka's word on each, up to 10 s.

    After anything but acknowledgements the producer is replaced: what it still holds is never sent behind our back.
    """
    delivery = Delivery()
    reports: dict[int, KafkaError | None] = {}
    producer = get_producer()
    for row in rows:
        try:
            produce(producer, row, reports)
        except (TypeError, ValueError) as error:
            delivery.unsendable[row.id] = str(error)
        except (KafkaException, BufferError) as error:
            if not is_refusal(error):
                break
            delivery.unsendable[row.id] = str(error)
    wait_for_reports(producer)
    read_reports(rows, reports, delivery)
    if len(delivery.acknowledged) < len(rows):
        discard_producer()
    return delivery


def produce(producer: Producer, row: Row, reports: dict[int, KafkaError | None]) -> None:
    """Hand one row to the client, which puts Kafka's word about it into `reports`."""

    def keep_report(error: KafkaError | None, _: Message) -> None:
        reports[row.id] = error

    headers = build_headers(
        message_id=row.id,
        message_type=row.message_type,
        subject=row.key,
        created_at=row.created_at,
        extra=json.loads(row.headers),
    )
    producer.produce(
        row.topic, key=row.key.encode(), value=row.payload.encode(), headers=headers, on_delivery=keep_report
    )
    producer.poll(0)


def wait_for_reports(producer: Producer) -> None:
    """Serve reports until all are there or the time is over.

    A fatal error leaves flush() as an exception, once; the reports of what it ends come behind it.
    """
    end = time.monotonic() + DELIVERY_SECONDS
    while len(producer) and (remaining := end - time.monotonic()) > 0:
        with suppress(KafkaException):
            producer.flush(remaining)


def is_refusal(error: KafkaException | BufferError) -> bool:
    """True when the client refuses the message itself, such as one over its size limit."""
    return isinstance(error, KafkaException) and error.args[0].code() in REFUSALS


def read_reports(rows: Sequence[Row], reports: dict[int, KafkaError | None], delivery: Delivery) -> None:
    """Sort the rows by what was reported; a refusal is certain only of a row that was sent alone."""
    for row in rows:
        error = reports.get(row.id)
        if row.id in delivery.unsendable:
            continue
        if row.id in reports and error is None:
            delivery.acknowledged.add(row.id)
        elif error is None or error.code() not in REFUSALS:
            delivery.is_broken = True
        elif len(rows) == 1:
            delivery.unsendable[row.id] = error.str()
        else:
            delivery.is_suspect = True
