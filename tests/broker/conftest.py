"""Topics and partitions of its own for each test, one consumer for all, a broker of its own for those that pause it."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.test import override_settings

from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.intake import Outcome
from integrations.kafka.producer import discard_producer
from meetinity_events.embedded.data_folder import temporary_data_folder
from meetinity_events.embedded.kafka import start_kafka
from meetinity_events.embedded.process import OwnedProcess
from tests.broker.reading import GROUP, SESSION_TIMEOUT_MS, Read, take
from tests.broker.wire import new_topic, send

# They break Apache Kafka itself: `make test-kafka` collects them once for each kind, and nothing else does.
collect_ignore = [] if os.environ.get("APACHE_KAFKA") else ["apache"]

LANES = 64
lanes = count()


@pytest.fixture
def event_topic(settings: Any) -> str:
    """An empty topic that the outbox goes to."""
    topic = new_topic("events")
    settings.KAFKA_EVENT_TOPIC = topic
    return topic


@pytest.fixture
def own_broker(settings: Any) -> Iterator[OwnedProcess]:
    """A broker that only this test uses."""
    with temporary_data_folder() as folder:
        broker, settings.KAFKA_BOOTSTRAP_SERVERS = start_kafka(folder)
        discard_producer()
        yield broker
        discard_producer()
        broker.stop()


@pytest.fixture(scope="session")
def user_topic() -> str:
    """What the shared consumer reads."""
    return new_topic("users", partitions=LANES)


@pytest.fixture(scope="session")
def consumer(user_topic: str) -> Iterator[MessageConsumer]:
    """One member of a group for all tests, because joining takes seconds; it outlasts the tests in between."""
    timings = {"KAFKA_SESSION_TIMEOUT_MS": SESSION_TIMEOUT_MS, "KAFKA_MAX_POLL_INTERVAL_MS": 600_000}
    with override_settings(KAFKA_CONSUMER_GROUP=GROUP, **timings):
        member = MessageConsumer([user_topic], first_pause_seconds=0.001)
    yield member
    member.close()


@pytest.fixture
def lane() -> int:
    """A partition of its own for each test."""
    return next(lanes)


@pytest.fixture
def read(user_topic: str, lane: int, consumer: MessageConsumer) -> Read:
    """Send values and take what comes, one outcome for each value unless said otherwise."""

    def send_and_read(*values: bytes | None, outcomes: int | None = None) -> list[Outcome]:
        send(user_topic, *values, partition=lane)
        return take(consumer, len(values) if outcomes is None else outcomes)

    return send_and_read
