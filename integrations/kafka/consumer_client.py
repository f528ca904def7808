"""The Kafka client underneath the consumer: how it joins the group, and which of its errors end the process."""

import logging
import os
from enum import IntEnum

from confluent_kafka import Consumer, KafkaError, Message
from django.conf import settings

logger = logging.getLogger("event_service.kafka")

# What the client reads ahead, and with it what a batch may hold, in memory.
READ_AHEAD_KIBIBYTES = 32 * 1024


class GiveUp(IntEnum):
    """Why a consumer ends, as the exit code that its orchestrator sees."""

    STAFF_DECIDE = os.EX_DATAERR
    TRY_AGAIN = os.EX_TEMPFAIL


class StopConsumingError(Exception):
    """Going on would do harm: the process says why and ends with the exit code `reason`."""

    def __init__(self, message: str, reason: GiveUp) -> None:
        super().__init__(message)
        self.reason = reason


def make_consumer_client() -> Consumer:
    """A member of the group. It commits when told to, and reads a partition without an offset from its beginning."""
    instance_id = settings.KAFKA_CONSUMER_INSTANCE_ID
    return Consumer(
        {
            **({"group.instance.id": instance_id} if instance_id else {}),
            "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
            "client.id": settings.SERVICE_NAME,
            "group.id": settings.KAFKA_CONSUMER_GROUP,
            "session.timeout.ms": settings.KAFKA_SESSION_TIMEOUT_MS,
            "heartbeat.interval.ms": min(3_000, settings.KAFKA_SESSION_TIMEOUT_MS // 3),
            "max.poll.interval.ms": settings.KAFKA_MAX_POLL_INTERVAL_MS,
            "queued.max.messages.kbytes": READ_AHEAD_KIBIBYTES,
            "topic.metadata.refresh.interval.ms": 5_000,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "allow.auto.create.topics": False,
        },
        logger=logging.getLogger("kafka"),
    )


def report_client_error(message: Message) -> None:
    """Log what the client met; raises StopConsumingError when it cannot go on by itself."""
    error = message.error()
    assert error is not None
    # A static member that another process has replaced hears it as an event of this code, which is not marked as fatal.
    if error.fatal() or error.code() == KafkaError._FATAL:
        raise StopConsumingError(f"the Kafka client gave up: {error.name()}", GiveUp.TRY_AGAIN)
    logger.warning("Kafka consumer error", extra={"kafka_error": error.name()})
