"""Tells Kafka again what it was told before, for a consumer that has lost messages or wants to begin anew."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import Destination, OutboxMessage
from integrations.outbox.record import nudge_on_commit

AT_A_TIME = 5000


def find_published(
    *, since: datetime, until: datetime | None = None, types: Collection[str] = (), key: str | None = None
) -> "QuerySet[OutboxMessage]":
    """What was recorded for Kafka at or after `since` and before `until`, and published; of these types, of one event.

    The outbox keeps what was published for seven days.
    """
    rows = OutboxMessage.objects.filter(destination=Destination.KAFKA, published_at__isnull=False)
    wanted = {"created_at__gte": since, "created_at__lt": until, "key": key, "message_type__in": list(types) or None}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None}).order_by("id")


def replay_published(rows: "QuerySet[OutboxMessage]") -> int:
    """Let the relay send these again, in order of id, each under its `ce_id`; returns how many.

    Owns a transaction for each AT_A_TIME rows. Consumers that have seen a message drop it by its `ce_id`. Killed in the
    middle, it has marked the oldest; a repeat begins with those that the relay has sent meanwhile.
    """
    last_id, count = 0, 0
    while ids := list(rows.filter(pk__gt=last_id).values_list("pk", flat=True)[:AT_A_TIME]):
        with transaction.atomic():
            marked = OutboxMessage.objects.filter(pk__in=ids, published_at__isnull=False)
            count += marked.update(published_at=None)
            nudge_on_commit()
        last_id = ids[-1]
    return count
