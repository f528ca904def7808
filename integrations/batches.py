"""Deletes many rows without holding many locks."""

from typing import Any

from django.db.models import QuerySet

BATCH_SIZE = 5000


def delete_in_batches(rows: "QuerySet[Any]") -> int:
    """Delete the rows by primary key, BATCH_SIZE in a transaction, oldest first; returns how many."""
    deleted = 0
    oldest = rows.order_by("pk")
    while keys := list(oldest.values_list("pk", flat=True)[:BATCH_SIZE]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
    return deleted
