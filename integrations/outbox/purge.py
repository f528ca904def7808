"""Deletes outbox rows that were finished long ago."""

from datetime import timedelta

from django.db.models import Q
from django.utils.timezone import now

from integrations.batches import delete_in_batches
from integrations.models import Destination, OutboxMessage

KEPT = timedelta(days=7)


def purge_finished() -> int:
    """Delete what was published over 7 days ago, in batches; returns how many.

    What was parked on its way to Kafka stays until staff decide. Matching-service is told as well as can be: what it
    did not take goes after 7 days too, since a service without the call would let it pile up.
    """
    before = now() - KEPT
    finished = Q(published_at__lt=before) | Q(destination=Destination.MATCHING, parked_at__lt=before)
    return delete_in_batches(OutboxMessage.objects.filter(finished))
