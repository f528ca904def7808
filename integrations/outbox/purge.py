"""Deletes outbox rows that Kafka acknowledged long ago."""

from datetime import timedelta

from django.utils.timezone import now

from integrations.batches import delete_in_batches
from integrations.models import OutboxMessage

KEPT = timedelta(days=7)


def purge_published() -> int:
    """Delete what was published over 7 days ago, in batches; returns how many. Parked rows stay."""
    return delete_in_batches(OutboxMessage.objects.filter(published_at__lt=now() - KEPT))
