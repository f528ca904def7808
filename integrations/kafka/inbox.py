"""Which messages were handled: the place of each, kept in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.timezone import now

from integrations.batches import delete_in_batches
from integrations.models import InboxMessage

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a message lies: in which life of its topic, and there at which offset of which partition."""

    topic_id: UUID
    partition: int
    offset: int


def find_handled(positions: Sequence[Position]) -> set[Position]:
    """Which of the messages at these places were handled before. One query a partition."""
    offsets: dict[tuple[UUID, int], list[int]] = {}
    for position in positions:
        offsets.setdefault((position.topic_id, position.partition), []).append(position.offset)
    found = set()
    for (topic_id, partition), wanted in offsets.items():
        rows = InboxMessage.objects.filter(topic_id=topic_id, partition=partition, offset__in=wanted)
        found |= {Position(topic_id, partition, offset) for offset in rows.values_list("offset", flat=True)}
    return found


def record_handled(positions: Sequence[Position]) -> None:
    """Remember that the messages were handled; a repeat changes nothing. One statement."""
    InboxMessage.objects.bulk_create(
        [InboxMessage(topic_id=each.topic_id, partition=each.partition, offset=each.offset) for each in positions],
        ignore_conflicts=True,
    )


def purge_handled() -> int:
    """Forget what was handled over 30 days ago, longer than a topic keeps it, in batches; returns how many."""
    return delete_in_batches(InboxMessage.objects.filter(handled_at__lt=now() - KEPT))
