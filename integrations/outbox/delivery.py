"""One batch on its way to Kafka: what was acknowledged, what can never be sent, and what is still open."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from integrations.kafka.envelope import build_headers
from integrations.kafka.producer import discard_producer, get_producer

DELIVERY_SECONDS = 10.0
FULL_QUEUE_POLL_SECONDS = 0.05
# Serving reports costs a switch of threads, so that it is done once for so many messages.
ROWS_BETWEEN_POLLS = 100
# What the broker says about a message and not about itself.
REFUSALS = (
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE,
    KafkaError.INVALID_MSG_SIZE,
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.TOPIC_EXCEPTION,
)


class Row(NamedTuple):
    """One waiting message of the outbox; `payload` and `headers` are JSON text, `time` is when it was recorded."""

    id: int
    topic: str
    key: str
    message_type: str
    payload: str
    headers: str
    time: str


@dataclass(slots=True)
class Delivery:
    """What is known of a batch so far. A row that is in neither `acknowledged` nor `unsendable` is open.

    `is_suspect`: the broker refused a packet of several messages, one of which is bad. `is_broken`: it did not answer.
    """

    rows: Sequence[Row]
    acknowledged: set[int] = field(default_factory=set)
    unsendable: dict[int, str] = field(default_factory=dict)
    reports: dict[int, KafkaError | None] = field(default_factory=dict)
    is_suspect: bool = False
    is_broken: bool = False

    @property
    def is_acknowledged(self) -> bool:
        """True when nothing is open, once the reports are there."""
        return not self.is_suspect and not self.is_broken


def send(rows: Sequence[Row]) -> Delivery:
    """Hand the rows to the client in their order, and wait for none of them.

    The client sends what it was given first before what comes later, across batches too. A full queue is waited for.
    """
    delivery = Delivery(rows)
    producer = get_producer()
    end = time.monotonic() + DELIVERY_SECONDS
    for number, row in enumerate(rows):
        try:
            produce(producer, row, delivery.reports, end)
        except (TypeError, ValueError, AttributeError) as error:
            delivery.unsendable[row.id] = f"{type(error).__name__}: {error}"
        except (KafkaException, BufferError) as error:
            if not is_refusal(error):
                break
            delivery.unsendable[row.id] = str(error)
        if number % ROWS_BETWEEN_POLLS == 0:
            producer.poll(0)
    return delivery


def produce(producer: Producer, row: Row, reports: dict[int, KafkaError | None], end: float) -> None:
    """Hand one row to the client, which puts Kafka's word about it into `reports`.

    While the client's queue is full its reports are served, until `end` (monotonic). Raises BufferError then,
    KafkaException for what the client refuses, and TypeError, ValueError or AttributeError for what is no message.
    """

    def keep_report(error: KafkaError | None, _: Message) -> None:
        reports[row.id] = error

    headers = build_headers(
        message_id=row.id,
        message_type=row.message_type,
        subject=row.key,
        time=row.time,
        extra=orjson.loads(row.headers),
    )
    key, value = row.key.encode(), row.payload.encode()
    while True:
        try:
            producer.produce(row.topic, key=key, value=value, headers=headers, on_delivery=keep_report)
        except BufferError:
            if time.monotonic() >= end:
                raise
            producer.poll(FULL_QUEUE_POLL_SECONDS)
        else:
            return


def wait_for_reports(delivery: Delivery) -> None:
    """Serve reports until those of this delivery are there, for 10 s at most, and sort its rows by them.

    After anything but acknowledgements the producer is replaced: what it still holds, of later deliveries too, is never
    sent behind our back.
    """
    producer = get_producer()
    end = time.monotonic() + DELIVERY_SECONDS
    expected = len(delivery.rows) - len(delivery.unsendable)
    # A fatal error leaves poll() as an exception, once; the reports of what it ends come behind it.
    while len(delivery.reports) < expected and len(producer) and (remaining := end - time.monotonic()) > 0:
        with suppress(KafkaException):
            producer.poll(remaining)
    read_reports(delivery)
    if len(delivery.acknowledged) < expected:
        discard_producer()


def is_refusal(error: KafkaException | BufferError) -> bool:
    """True when the client refuses the message itself, such as one over its size limit."""
    return isinstance(error, KafkaException) and error.args[0].code() in REFUSALS


def read_reports(delivery: Delivery) -> None:
    """Sort the rows by what was reported; a refusal is certain only of a row that was sent alone.

    Whatever else went wrong says nothing about whether Kafka has the message (librdkafka: possibly persisted), and so
    does a report that did not come: the row stays open and is sent again under its id.
    """
    reports = delivery.reports
    for row in delivery.rows:
        error = reports.get(row.id)
        if row.id in delivery.unsendable:
            continue
        if row.id in reports and error is None:
            delivery.acknowledged.add(row.id)
        elif error is None or error.code() not in REFUSALS:
            delivery.is_broken = True
        elif len(delivery.rows) == 1:
            delivery.unsendable[row.id] = error.str()
        else:
            delivery.is_suspect = True
