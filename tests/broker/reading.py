"""What tests of the consumer send and look at."""

import os
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
from confluent_kafka import TopicPartition

from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.intake import Outcome
from integrations.models import UserProfile
from tests.broker.wire import PATIENCE_SECONDS

# Of this process alone: members of a group wait for each other, and `make test-kafka` has one broker for three.
GROUP = f"event-service-under-test.{uuid4().hex}"
# The embedded broker lets a member join, and forgets a killed one, after about this time. Apache Kafka lets it join at
# once, and there a busy machine would make a member miss so short a session.
SESSION_TIMEOUT_MS = 6000 if os.environ.get("APACHE_KAFKA") else 2000
Read = Callable[..., list[Outcome]]


def take(consumer: MessageConsumer, count: int) -> list[Outcome]:
    """What becomes of the next messages."""
    found: list[Outcome] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < end:
        found += consumer.poll_once(0.1)
    return found


def go_back(consumer: MessageConsumer, topic: str, partition: int, offset: int = 0) -> None:
    """What a crash between the inbox and the commit leads to."""
    consumer._client.seek(TopicPartition(topic, partition, offset))


def message(message_type: str = "user.updated", **fields: Any) -> bytes:
    """A message of user-service."""
    return orjson.dumps({"event_type": message_type, "timestamp": "2026-01-02T03:04:05Z", **fields})


def about(number: int, **fields: Any) -> bytes:
    """The profile of a user whose id is a number."""
    return message(user_id=number, location=f"place {number}", **fields)


def known_users() -> set[int]:
    """Whose profile is stored."""
    return {user_id.int for user_id in UserProfile.objects.values_list("user_id", flat=True)}
