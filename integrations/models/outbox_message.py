"""The messages that a transaction has promised to Kafka or to another service."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now


class Destination(models.TextChoices):
    """Where a message goes; each has a relay of its own, which reads no other row."""

    KAFKA = "kafka", "Kafka"
    MATCHING = "matching", "matching-service"


def waiting_for(destination: Destination) -> Q:
    """Neither sent nor given up: what the relay of `destination` reads, by an index that holds nothing else."""
    return Q(destination=destination, published_at__isnull=True, parked_at__isnull=True)


class OutboxMessage(models.Model):
    """One message. `id` gives the order of sending and is the `ce_id` by which consumers of Kafka drop repeats.

    Written by `integrations.outbox.record` inside the transaction of a use case; marked by the relay of its
    destination, and unmarked by staff who send it again. `topic` is Kafka's, or the path of the call to the service.
    `headers` holds what the request adds to the envelope (`traceparent`); `error` says why a row was parked or has to
    be sent again, which happens after `retry_at`, when `attempts` have failed. `position` is the place in the change
    feed, drawn when Kafka's relay marks the message as published.
    """

    id = models.BigAutoField(primary_key=True)
    destination = models.CharField(max_length=20, choices=Destination, default=Destination.KAFKA, db_default="kafka")
    topic = models.CharField(max_length=249)
    key = models.CharField(max_length=255)
    message_type = models.CharField(max_length=100)
    payload = models.JSONField()
    headers = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(default=now, db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)
    position = models.BigIntegerField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(default="", db_default="", blank=True)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each index holds the waiting rows of one relay, so that finding them costs the same after a million sent."""

        db_table = "outbox_messages"
        indexes = (
            models.Index(fields=["id"], condition=waiting_for(Destination.KAFKA), name="outbox_messages_waiting"),
            models.Index(fields=["id"], condition=waiting_for(Destination.MATCHING), name="outbox_messages_matching"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["position"], condition=Q(position__isnull=False), name="outbox_messages_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(parked_at__isnull=True),
                name="outbox_messages_published_or_parked",
            ),
            models.CheckConstraint(
                condition=Q(destination__in=Destination.values), name="outbox_messages_destination_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.message_type} {self.id}"
