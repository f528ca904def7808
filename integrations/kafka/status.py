"""Where our topics stand: partitions, their replicas, their ends, and how far behind our consumer group is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from django.conf import settings

from integrations.kafka.topics import ABSENT, REQUEST_TIMEOUT_SECONDS, make_admin_client


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition. `lag`: messages that the group has not committed, None for a topic that we do not read.

    `leader` is None while the partition has none; `in_sync` replicas of `replicas` hold every message.
    """

    topic: str
    partition: int
    leader: int | None
    replicas: int
    in_sync: int
    first_offset: int
    end_offset: int
    committed_offset: int | None
    lag: int | None


def read_partitions() -> list[PartitionStatus]:
    """Every partition of the topics that we write and read; a topic that is absent has none.

    Raises KafkaException when no broker answers within 5 s.
    """
    client = make_admin_client()
    described = list(describe(client, sorted({settings.KAFKA_EVENT_TOPIC, *settings.KAFKA_USER_TOPICS})))
    places = [(each.topic, each.partition) for each in described]
    first, end = find_offsets(client, places, OffsetSpec.earliest()), find_offsets(client, places, OffsetSpec.latest())
    committed = find_committed(client, [place for place in places if place[0] in settings.KAFKA_USER_TOPICS])
    return [complete(each, first, end, committed) for each in described]


Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Described:
    """A partition as the broker describes it."""

    topic: str
    partition: int
    leader: int | None
    replicas: int
    in_sync: int


def describe(client: AdminClient, topics: Sequence[str]) -> Iterator[Described]:
    """The partitions of those topics that exist."""
    answers = client.describe_topics(TopicCollection(list(topics)), request_timeout=REQUEST_TIMEOUT_SECONDS)
    for name in topics:
        try:
            partitions = answers[name].result().partitions
        except KafkaException as error:
            if error.args[0].code() not in ABSENT:
                raise
            continue
        for each in sorted(partitions, key=lambda each: each.id):
            leader = each.leader.id if each.leader is not None and each.leader.id >= 0 else None
            yield Described(name, each.id, leader, len(each.replicas), len(each.isr))


def find_offsets(client: AdminClient, places: Sequence[Place], spec: OffsetSpec) -> dict[Place, int]:
    """The offset that `spec` means in each partition."""
    if not places:
        return {}
    wanted = {TopicPartition(*place): spec for place in places}
    answers = client.list_offsets(wanted, request_timeout=REQUEST_TIMEOUT_SECONDS)
    return {(place.topic, place.partition): answer.result().offset for place, answer in answers.items()}


def find_committed(client: AdminClient, places: Sequence[Place]) -> dict[Place, int]:
    """Where our group goes on; a partition that it never committed is left out."""
    if not places:
        return {}
    group = settings.KAFKA_CONSUMER_GROUP
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(*place) for place in places])
    answers = client.list_consumer_group_offsets([request], request_timeout=REQUEST_TIMEOUT_SECONDS)
    found = answers[group].result().topic_partitions
    return {(each.topic, each.partition): each.offset for each in found if each.offset >= 0}


def complete(
    each: Described, first: dict[Place, int], end: dict[Place, int], committed: dict[Place, int]
) -> PartitionStatus:
    """The whole of a partition. What was never committed is read from the beginning, so all of it is behind."""
    place = (each.topic, each.partition)
    is_read = each.topic in settings.KAFKA_USER_TOPICS
    lag = end[place] - committed.get(place, first[place])
    return PartitionStatus(
        topic=each.topic,
        partition=each.partition,
        leader=each.leader,
        replicas=each.replicas,
        in_sync=each.in_sync,
        first_offset=first[place],
        end_offset=end[place],
        committed_offset=committed.get(place),
        lag=max(lag, 0) if is_read else None,
    )
