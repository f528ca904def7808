"""Topics: making ours, and the id that tells one from its successor of the same name."""

import logging
from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

from confluent_kafka import KafkaError, KafkaException, TopicCollection, Uuid
from confluent_kafka.admin import AdminClient, NewTopic
from django.conf import settings

REQUEST_TIMEOUT_SECONDS = 5.0
HALF = (1 << 64) - 1
ABSENT = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID)


def make_admin_client() -> AdminClient:
    """A client for questions about topics."""
    return AdminClient(
        {"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "client.id": settings.SERVICE_NAME},
        logger=logging.getLogger("kafka"),
    )


def create_topics(names: Iterable[str], *, partitions: int, replication_factor: int) -> list[str]:
    """Make the topics that are missing; returns their names. One that is there stays as it is.

    Raises KafkaException: no broker answers within 5 s, or the broker refuses the numbers.
    """
    wanted = [NewTopic(name, num_partitions=partitions, replication_factor=replication_factor) for name in names]
    client = make_admin_client()  # kept in a name: its answers end with it
    answers = client.create_topics(wanted, request_timeout=REQUEST_TIMEOUT_SECONDS)
    created = []
    for name, answer in answers.items():
        try:
            answer.result()
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
    return created


class TopicIds:
    """The ids of topics, remembered until asked again."""

    def __init__(self) -> None:
        self._client = make_admin_client()
        self._ids: dict[str, UUID] = {}

    def find(self, topic: str) -> UUID:
        """The id of a topic as last seen. Raises KafkaException when it is not known and the broker does not tell."""
        if topic not in self._ids:
            self.refresh([topic])
        if topic not in self._ids:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        return self._ids[topic]

    def refresh(self, topics: Iterable[str]) -> dict[str, UUID]:
        """Ask the broker now; returns the topics that exist. Raises KafkaException when it does not answer in 5 s."""
        names = sorted(set(topics))
        answers = self._client.describe_topics(TopicCollection(names), request_timeout=REQUEST_TIMEOUT_SECONDS)
        for name, answer in answers.items():
            try:
                self._ids[name] = to_uuid(name, answer.result().topic_id)
            except KafkaException as error:
                if error.args[0].code() not in ABSENT:
                    raise
                self._ids.pop(name, None)
        return {name: self._ids[name] for name in names if name in self._ids}


def to_uuid(topic: str, topic_id: Uuid) -> UUID:
    """Kafka's id as a UUID; a broker before 2.8 has none, there the name stands in for it."""
    high, low = topic_id.get_most_significant_bits(), topic_id.get_least_significant_bits()
    number = (high & HALF) << 64 | low & HALF
    return UUID(int=number) if number else uuid5(NAMESPACE_URL, f"kafka:{topic}")
