"""Kafka as another service sees it: topics, what lies in them, and a broker that can be paused."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from django.conf import settings

from integrations.kafka.topics import create_topics
from meetinity_events.embedded.process import OwnedProcess

PARTITIONS = 3
PATIENCE_SECONDS = 30.0


def new_topic(word: str) -> str:
    """A topic that no other test uses."""
    name = f"{word}.{uuid4().hex}"
    create_topics([name], partitions=PARTITIONS, replication_factor=1)
    return name


def admin() -> AdminClient:
    """For questions that the service itself never asks."""
    return AdminClient({"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "log_level": 0})


def wait_until(condition: Callable[[], Any], patience_seconds: float = PATIENCE_SECONDS) -> Any:
    """The first true answer; fails the test when none comes in time."""
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing within {patience_seconds:.0f} s")


def send(topic: str, *values: bytes | None, key: bytes | None = None) -> None:
    """Put values into partition 0, as they are and in this order."""
    producer = Producer({"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "message.max.bytes": 20_000_000})
    for value in values:
        producer.produce(topic, value=value, key=key, partition=0)
        producer.poll(0)
    assert producer.flush(PATIENCE_SECONDS) == 0


def read_topic(topic: str, count: int, *, patience_seconds: float = PATIENCE_SECONDS) -> list[Any]:
    """The first `count` messages, or fewer when no more come; by offset within each partition."""
    reader = Consumer(
        {
            "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
            "group.id": uuid4().hex,
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
        }
    )
    reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
    found: list[Any] = []
    end = time.monotonic() + patience_seconds
    while len(found) < count and time.monotonic() < end:
        found += [message for message in reader.consume(count - len(found), timeout=0.2) if message.error() is None]
    reader.close()
    return sorted(found, key=lambda message: (message.partition(), message.offset()))


def header(message: Any, name: str) -> str:
    """One header as text."""
    return str(dict(message.headers())[name].decode())


def numbers_by_key(messages: list[Any]) -> dict[str, list[int]]:
    """What a consumer sees that drops repeats by `ce_id`: the payload's `number` in the order of arrival, for each key."""
    seen: set[str] = set()
    numbers: dict[str, list[int]] = {}
    for message in messages:
        message_id = header(message, "ce_id")
        if message_id not in seen:
            seen.add(message_id)
            numbers.setdefault(message.key().decode(), []).append(orjson.loads(message.value())["number"])
    return numbers


def committed_offset(group: str, topic: str) -> int | None:
    """Where the group goes on in partition 0, as the broker keeps it."""
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    client = admin()
    answer = client.list_consumer_group_offsets([request])[group].result()
    offsets = [place.offset for place in answer.topic_partitions if place.topic == topic and place.offset >= 0]
    return offsets[0] if offsets else None


@contextmanager
def paused(broker: OwnedProcess) -> Iterator[None]:
    """The broker keeps its connections and says nothing."""
    broker.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        broker.process.send_signal(signal.SIGCONT)
