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
from integrations.kafka.topic_names import is_topic_name

DELIVERY_SECONDS = 10.0
# How long the client may take to report what it was told to give up.
PURGE_SECONDS = 2.0
FULL_QUEUE_POLL_SECONDS = 0.05
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

    `count`: so many of the first rows were handed to the client or found unsendable. `failures`: what it reported of
    those that were not acknowledged, by what they consist of. `is_suspect`: the broker refused a packet of several
    messages, one of which is bad. `outage`: why it has not taken everything, when that says nothing about a message.
    """

    rows: Sequence[Row]
    acknowledged: set[int] = field(default_factory=set)
    unsendable: dict[int, str] = field(default_factory=dict)
    count: int = 0
    failures: dict[tuple[str, bytes, bytes], KafkaError] = field(default_factory=dict)
    is_suspect: bool = False
    outage: str = ""

    @property
    def has_failed(self) -> bool:
        """True when some of it has to be sent again before anything else."""
        return self.is_suspect or bool(self.outage)

    def keep_failure(self, error: KafkaError | None, message: Message) -> None:
        """Called by the client for each message that it gives up."""
        if error is not None:
            self.failures[message.topic() or "", message.key() or b"", message.value() or b""] = error


def send(rows: Sequence[Row]) -> Delivery:
    """Hand the rows to the client in their order, and wait for none of them.

    The client sends what it was given first before what comes later, across batches too. A full queue is waited for.
    """
    delivery = Delivery(rows)
    producer = get_producer()
    end = time.monotonic() + DELIVERY_SECONDS
    for row in rows:
        try:
            produce(producer, row, delivery, end)
        except (TypeError, ValueError, AttributeError) as error:
            delivery.unsendable[row.id] = f"{type(error).__name__}: {error}"
        except (KafkaException, BufferError) as error:
            if not is_refusal(error):
                delivery.outage = str(error)
                break
            delivery.unsendable[row.id] = str(error)
        delivery.count += 1
    return delivery


def produce(producer: Producer, row: Row, delivery: Delivery, end: float) -> None:
    """Hand one row to the client, which tells `delivery` when it fails.

    While the client's queue is full its reports are served, until `end` (monotonic). Raises BufferError then,
    KafkaException for what the client refuses, and TypeError, ValueError or AttributeError for what is no message.
    A bad name of a topic is found here: asked about it, the client says by chance that Kafka refuses it, or that the
    topic does not exist, which may pass.
    """
    if not is_topic_name(row.topic):
        raise ValueError(f"{row.topic!r} cannot be the name of a topic")
    headers = build_headers(
        message_id=row.id,
        message_type=row.message_type,
        subject=row.key,
        time=row.time,
        extra=orjson.loads(row.headers),
    )
    while True:
        try:
            producer.produce(
                row.topic, key=row.key, value=row.payload, headers=headers, on_delivery=delivery.keep_failure
            )
        except BufferError:
            if time.monotonic() >= end:
                raise
            producer.poll(FULL_QUEUE_POLL_SECONDS)
        else:
            return


def wait_for_reports(delivery: Delivery) -> None:
    """Wait until the client holds nothing, for 10 s at most, and sort the rows by what it reported.

    It reports failures alone: what it no longer holds and did not report was acknowledged. What it still holds then is
    given up, so that it is reported too. After any failure the producer is replaced.
    """
    producer = get_producer()
    is_done = serve_reports(producer, DELIVERY_SECONDS)
    if not is_done:
        delivery.outage = f"no acknowledgement within {DELIVERY_SECONDS:.0f} s"
        producer.purge(in_queue=True, in_flight=True, blocking=False)
        is_done = serve_reports(producer, PURGE_SECONDS)
    if is_done:
        read_reports(delivery)
    if len(delivery.acknowledged) + len(delivery.unsendable) < len(delivery.rows) or delivery.failures:
        discard_producer()


def serve_reports(producer: Producer, seconds: float) -> bool:
    """Serve reports until the client holds no message and no report; False when it still does after `seconds`."""
    end = time.monotonic() + seconds
    # A fatal error leaves poll() as an exception, once; the reports of what it ends come behind it.
    while len(producer) and (remaining := end - time.monotonic()) > 0:
        with suppress(KafkaException):
            producer.poll(remaining)
    return not len(producer)


def is_refusal(error: KafkaException | BufferError) -> bool:
    """True when the client refuses the message itself, such as one over its size limit."""
    return isinstance(error, KafkaException) and error.args[0].code() in REFUSALS


def read_reports(delivery: Delivery) -> None:
    """Sort the rows by what was reported; a refusal is certain only of a row that was sent alone.

    Whatever else went wrong says nothing about whether Kafka has the message (librdkafka: possibly persisted): the row
    stays open and is sent again under its id. So does a row that says the very same as one that failed.
    """
    sent = [row for row in delivery.rows[: delivery.count] if row.id not in delivery.unsendable]
    if not delivery.failures:
        delivery.acknowledged.update(row.id for row in sent)
        return
    for row in sent:
        error = delivery.failures.get((row.topic, row.key.encode(), row.payload.encode()))
        if error is None:
            delivery.acknowledged.add(row.id)
        elif error.code() not in REFUSALS:
            delivery.outage = delivery.outage or error.str()
        elif len(delivery.rows) == 1:
            delivery.unsendable[row.id] = error.str()
        else:
            delivery.is_suspect = True
