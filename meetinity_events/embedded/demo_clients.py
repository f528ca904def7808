"""What the demo sees the service through: an HTTP client and a Kafka client, and nothing of the service's own code."""

import json
import time
from typing import Any

import urllib3
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from meetinity_events.embedded.errors import EmbeddedError

Payload = dict[str, Any]
TIMEOUT_SECONDS = 10
PATIENCE_SECONDS = 30


class Api:
    """The service's HTTP API."""

    def __init__(self, url: str) -> None:
        """Remember the base URL, which has no slash at its end."""
        self._url = url

    def call(self, method: str, path: str, token: str, body: Payload | None = None) -> tuple[int, Payload]:
        """Return the status and the JSON body of an answer. Never repeats a call."""
        response = urllib3.request(
            method,
            f"{self._url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            retries=False,
        )
        return response.status, response.json()


class EventTopic:
    """The messages of the event topic from the moment of its making on, read without a consumer group."""

    def __init__(self, brokers: str, topic: str) -> None:
        """Stand at the end of every partition."""
        settings = {"bootstrap.servers": brokers, "group.id": "demo", "enable.auto.commit": False, "log_level": 0}
        self._consumer = Consumer(settings)
        self._seen: list[tuple[str, Payload]] = []
        metadata = self._consumer.list_topics(topic, timeout=TIMEOUT_SECONDS).topics[topic]
        partitions = [TopicPartition(topic, number) for number in metadata.partitions]
        for partition in partitions:
            _, partition.offset = self._consumer.get_watermark_offsets(partition, timeout=TIMEOUT_SECONDS)
        self._consumer.assign(partitions)

    def wait_for(self, event_id: str, event_type: str, count: int = 1) -> list[Payload]:
        """The first `count` messages of that type whose key is `event_id`; EmbeddedError when they do not come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = [payload for key, payload in self._seen if (key, payload["event_type"]) == (event_id, event_type)]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{len(found)} of {count} {event_type} arrived within {PATIENCE_SECONDS} s.")
            self._remember(self._consumer.poll(1))

    def _remember(self, message: Message | None) -> None:
        if message is not None and not message.error():
            key, value = message.key(), message.value()
            assert key is not None
            assert value is not None
            self._seen.append((key.decode(), json.loads(value)))

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()


def send_message(brokers: str, topic: str, key: str, payload: Payload) -> None:
    """Write one message and wait until the broker has it."""
    producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
    producer.produce(topic, key=key, value=json.dumps(payload))
    if producer.flush(TIMEOUT_SECONDS):
        raise EmbeddedError(f"the broker did not take a message for {topic} within {TIMEOUT_SECONDS} s.")
