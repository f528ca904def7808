"""Which messages were handled: the place of each, kept in the database."""

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


def was_handled(position: Position) -> bool:
    """True when the message at this place was handled before."""
    return InboxMessage.objects.filter(
        topic_id=position.topic_id, partition=position.partition, offset=position.offset
    ).exists()


def record_handled(position: Position) -> None:
    """Remember that the message was handled; a repeat changes nothing."""
    InboxMessage.objects.bulk_create(
        [InboxMessage(topic_id=position.topic_id, partition=position.partition, offset=position.offset)],
        ignore_conflicts=True,
    )


def purge_handled() -> int:
    """Forget what was handled over 30 days ago, longer than a topic keeps it, in batches; returns how many."""
    return delete_in_batches(InboxMessage.objects.filter(handled_at__lt=now() - KEPT))
