"""The messages that a transaction has promised to Kafka."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

WAITING = Q(published_at__isnull=True, parked_at__isnull=True)


class OutboxMessage(models.Model):
    """One message. `id` gives the order of sending and is the `ce_id` by which consumers drop repeats.

    Written by `integrations.outbox.record` inside the transaction of a use case; marked by the relay, and unmarked by
    staff who send it again.
    `headers` holds what the request adds to the envelope (`traceparent`); `error` says why a row was parked.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=249)
    key = models.CharField(max_length=255)
    message_type = models.CharField(max_length=100)
    payload = models.JSONField()
    headers = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(default=now, db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(default="", db_default="", blank=True)

    class Meta:
        """The index holds the waiting rows alone, so that finding them costs the same after a million sent ones."""

        db_table = "outbox_messages"
        indexes = (models.Index(fields=["id"], condition=WAITING, name="outbox_messages_waiting"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(parked_at__isnull=True),
                name="outbox_messages_published_or_parked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.message_type} {self.id}"
