"""A topic of its own for each test, and a broker of its own for those that pause it."""

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.kafka.producer import discard_producer
from meetinity_events.embedded.data_folder import temporary_data_folder
from meetinity_events.embedded.kafka import start_kafka
from meetinity_events.embedded.process import OwnedProcess
from tests.broker.wire import new_topic


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
