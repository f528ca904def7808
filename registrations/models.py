"""The record of who takes part: the table `event_registrations` of the platform's document."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from uuid_utils.compat import uuid7

from events.models import Event, NewId
from registrations.querysets import RegistrationQuerySet


class RegistrationStatus(models.TextChoices):
    """The platform's four states; only a `registered` one holds a seat while the event is coming."""

    REGISTERED = "registered", "Registered"
    CANCELLED = "cancelled", "Cancelled"
    ATTENDED = "attended", "Attended"
    NO_SHOW = "no_show", "No show"


class Registration(models.Model):
    """One person at one event; cancelling keeps the row, and registering again reopens it."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=NewId(), editable=False)
    event = models.ForeignKey(
        Event, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="registrations"
    )
    user_id = models.UUIDField()
    status = models.CharField(
        max_length=20,
        choices=RegistrationStatus,
        default=RegistrationStatus.REGISTERED,
        db_default=RegistrationStatus.REGISTERED,
    )
    registration_data = models.JSONField(null=True, blank=True)
    registered_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=now, db_default=Now(), editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        """Constraints and indexes under the names that the platform's document and the migration give them."""

        db_table = "event_registrations"
        indexes = (
            models.Index(fields=["event"], name="idx_registrations_event"),
            models.Index(fields=["user_id"], name="idx_registrations_user"),
            models.Index(fields=["status"], name="idx_registrations_status"),
        )
        constraints = (
            models.UniqueConstraint(fields=["event", "user_id"], name="event_registrations_event_id_user_id_key"),
            models.CheckConstraint(
                condition=Q(status__in=RegistrationStatus.values), name="event_registrations_status_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} at {self.event_id}"
