"""Kafka as another service sees it: topics, what lies in them, and a broker that can be paused."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from django.conf import settings

from integrations.kafka.topics import TopicIds, create_topics
from meetinity_events.embedded.process import OwnedProcess

PARTITIONS = 3
PATIENCE_SECONDS = 60.0
COMES_BACK = (KafkaError.UNKNOWN, KafkaError.NOT_CONTROLLER, KafkaError.REQUEST_TIMED_OUT, KafkaError._TIMED_OUT)


def new_topic(word: str, *, partitions: int = PARTITIONS) -> str:
    """A topic that no other test uses."""
    name = f"{word}.{uuid4().hex}"
    wait_until(lambda: is_made(name, partitions))
    wait_until_known(name)
    return name


def is_made(topic: str, partitions: int) -> bool:
    """True once the topic is there; a broker that a test has broken answers with its own troubles at first."""
    try:
        create_topics([topic], partitions=partitions, replication_factor=1)
    except KafkaException as error:
        if error.args[0].code() not in COMES_BACK:
            raise
        return False
    return True


def wait_until_known(topic: str) -> None:
    """A controller may have made a topic some milliseconds before every broker knows it."""
    wait_until(lambda: TopicIds().refresh([topic]))


def make_anew(topic: str) -> None:
    """Delete the topic and make another one of its name, which has another id and starts at offset 0."""
    client = admin()
    client.delete_topics([topic], operation_timeout=5)[topic].result()
    wait_until(lambda: create_topics([topic], partitions=PARTITIONS, replication_factor=1))
    wait_until_known(topic)


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


def send(topic: str, *values: bytes | None, partition: int = 0) -> None:
    """Put values into one partition, as they are and in this order."""
    producer = Producer({"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "message.max.bytes": 20_000_000})
    for value in values:
        producer.produce(topic, value=value, partition=partition)
        producer.poll(0)
    assert producer.flush(PATIENCE_SECONDS) == 0


def read_topic(topic: str, count: int) -> list[Any]:
    """All that lies in a topic, by offset within each partition: at least `count` different messages."""
    reader = Consumer(
        {"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "group.id": uuid4().hex, "fetch.wait.max.ms": 10}
    )
    reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
    found: list[Any] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        more = [message for message in reader.consume(1000, timeout=0.3) if message.error() is None]
        found += more
        if not more and len({header(message, "ce_id") for message in found}) >= count:
            break
    reader.close()
    return sorted(found, key=lambda message: (message.partition(), message.offset()))


def header(message: Any, name: str) -> str:
    """One header as text."""
    return str(dict(message.headers())[name].decode())


def numbers_by_key(messages: list[Any]) -> dict[str, list[int]]:
    """Each key's `number`s in the order of arrival, as a consumer sees them that drops repeats by `ce_id`."""
    seen: set[str] = set()
    numbers: dict[str, list[int]] = {}
    for message in messages:
        message_id = header(message, "ce_id")
        if message_id not in seen:
            seen.add(message_id)
            numbers.setdefault(message.key().decode(), []).append(orjson.loads(message.value())["number"])
    return numbers


def committed_offset(group: str, topic: str, partition: int = 0) -> int | None:
    """Where the group goes on in a partition, as the broker keeps it."""
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition)])
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
