"""Deletes outbox rows that Kafka acknowledged long ago."""

from datetime import timedelta

from django.utils.timezone import now

from integrations.models import OutboxMessage

KEPT = timedelta(days=7)
BATCH_SIZE = 5000


def purge_published() -> int:
    """Delete what was published over 7 days ago, 5,000 rows a transaction; returns how many. Parked rows stay."""
    old = OutboxMessage.objects.filter(published_at__lt=now() - KEPT).order_by("id")
    purged = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH_SIZE]):
        purged += OutboxMessage.objects.filter(id__in=ids).delete()[0]
    return purged
