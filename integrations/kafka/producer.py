"""The Kafka producer of a relay: one a thread, made after the fork, thrown away after a transport error."""

import logging
import os
import threading

from confluent_kafka import KafkaError, Producer
from django.conf import settings

logger = logging.getLogger("event_service.kafka")
client_logger = logging.getLogger("kafka.producer")
# Each new producer says that the gap-less guarantee is experimental.
client_logger.addFilter(lambda record: "CONFWARN" not in record.getMessage())

# Far beyond the patience of whoever waits for a batch, who then discards the producer as a whole: if single messages
# expired, later ones of their key could overtake them.
MESSAGE_TIMEOUT_MS = 120_000
METADATA_REFRESH_MS = 5_000
# Two batches are on their way at most; a larger setting of OUTBOX_BATCH_SIZE waits for the queue.
QUEUE_MESSAGES = 100_000

# By process and thread. A child never uses the connections of its parent, and never closes them either; and whoever
# polls serves every report of a producer, so that a thread would take those that another one waits for.
_producers: dict[tuple[int, int], Producer] = {}


def owner() -> tuple[int, int]:
    """Whose producer it is: this process's and thread's."""
    return os.getpid(), threading.get_ident()


def get_producer() -> Producer:
    """This thread's producer, made on first use."""
    producer = _producers.get(owner())
    if producer is None:
        producer = _producers[owner()] = make_producer()
    return producer


def make_producer() -> Producer:
    """Idempotent, acknowledged by all replicas, partitioned as the platform's Java clients do.

    With the gap-less guarantee no message overtakes one that was refused: the producer fails as a whole.
    """
    return Producer(
        {
            "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
            "client.id": settings.SERVICE_NAME,
            "enable.idempotence": True,
            "enable.gapless.guarantee": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": QUEUE_MESSAGES,
            "message.timeout.ms": MESSAGE_TIMEOUT_MS,
            "topic.metadata.refresh.interval.ms": METADATA_REFRESH_MS,
            # Served in C without a call of Python for each message; whoever waits for all of them asks len().
            "delivery.report.only.error": True,
            "error_cb": log_error,
        },
        logger=client_logger,
    )


def discard_producer() -> None:
    """Drop this thread's producer and what it still holds; the next get_producer() makes a new one."""
    producer = _producers.pop(owner(), None)
    if producer is not None:
        producer.purge(in_queue=True, in_flight=True, blocking=False)


def log_error(error: KafkaError) -> None:
    """What the client says about its connections; it goes on trying by itself."""
    logger.warning("Kafka producer error", extra={"kafka_error": error.name(), "is_fatal": error.fatal()})
