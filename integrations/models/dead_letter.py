"""The messages from Kafka that nobody could use, kept whole so that staff can replay or discard them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now


class Resolution(models.TextChoices):
    """What became of a dead letter."""

    OPEN = "", "Open"
    REPLAYED = "replayed", "Replayed"
    DISCARDED = "discarded", "Discarded"


class DeadLetter(models.Model):
    """One parked message: its place, its bytes and why.

    `headers` is a list of [name, base64 of the value or null]; `message_type` is empty when it could not be read.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=249)
    topic_id = models.UUIDField()
    partition = models.IntegerField()
    offset = models.BigIntegerField()
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)
    headers = models.JSONField(default=list, db_default=[])
    message_type = models.CharField(max_length=100, default="", db_default="", blank=True)
    error = models.TextField()
    created_at = models.DateTimeField(default=now, db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(
        max_length=20, choices=Resolution, default=Resolution.OPEN, db_default=Resolution.OPEN, blank=True
    )

    class Meta:
        """Parking the same message twice keeps one row; the index holds the open ones."""

        db_table = "dead_letters"
        indexes = (
            models.Index(fields=["created_at"], condition=Q(resolved_at__isnull=True), name="dead_letters_open"),
        )
        constraints = (
            models.UniqueConstraint(fields=["topic_id", "partition", "offset"], name="dead_letters_position_key"),
            models.CheckConstraint(condition=Q(resolution__in=Resolution.values), name="dead_letters_resolution_known"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolution=Resolution.OPEN)
                | Q(resolved_at__isnull=False) & ~Q(resolution=Resolution.OPEN),
                name="dead_letters_resolved_with_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} [{self.partition}] {self.offset}"
