"""Notices a topic that was deleted and made anew, and starts such a partition again at its first message.

Such a topic has the old name and offsets from 0, so neither the consumer's position nor the committed offset means
anything there: above the new end the broker resets it, below the new end the first messages would be passed over.
"""

import logging
from collections.abc import Sequence
from uuid import UUID

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from integrations.kafka.topics import TopicIds
from integrations.models import ConsumedPartition

logger = logging.getLogger("event_service.kafka")

Place = tuple[str, int]


def restart_recreated(client: Consumer, topic_ids: TopicIds) -> set[Place]:
    """Look at every assigned partition; returns the (topic, partition) that now begin anew.

    A topic that is absent right now is left alone. Raises KafkaException and django.db.OperationalError; a repeat
    finishes what was left.
    """
    assigned: list[TopicPartition] = client.assignment()
    if not assigned:
        return set()
    current = topic_ids.refresh(partition.topic for partition in assigned)
    present = [partition for partition in assigned if partition.topic in current]
    seen = find_seen(current)
    changed = [each for each in present if seen.get((each.topic, each.partition)) not in (None, current[each.topic])]
    if changed:
        restart(client, changed)
    remember([each for each in present if each in changed or (each.topic, each.partition) not in seen], current)
    return {(each.topic, each.partition) for each in changed}


def find_seen(topics: dict[str, UUID]) -> dict[Place, UUID]:
    """The topic's id that each partition was last read under."""
    rows = ConsumedPartition.objects.filter(topic__in=topics)
    return {(row.topic, row.partition): row.topic_id for row in rows}


def restart(client: Consumer, partitions: Sequence[TopicPartition]) -> None:
    """Commit the beginning first: once the new id is remembered, a restarted consumer trusts the committed offset."""
    logger.warning("topic was made anew, reading it from its beginning", extra={"partitions": len(partitions)})
    beginnings = [TopicPartition(each.topic, each.partition, 0) for each in partitions]
    client.commit(offsets=beginnings, asynchronous=False)
    for each in partitions:
        client.seek(TopicPartition(each.topic, each.partition, OFFSET_BEGINNING))


def remember(partitions: Sequence[TopicPartition], topics: dict[str, UUID]) -> None:
    """Record the id under which each partition is read from now on."""
    ConsumedPartition.objects.bulk_create(
        [
            ConsumedPartition(topic=each.topic, partition=each.partition, topic_id=topics[each.topic])
            for each in partitions
        ],
        update_conflicts=True,
        unique_fields=["topic", "partition"],
        update_fields=["topic_id"],
    )
