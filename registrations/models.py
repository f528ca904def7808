"""The record of who takes part: the table `event_registrations` of the platform's document."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from uuid_utils.compat import uuid7

from events.models import Event, NewId
from registrations.querysets import RegistrationQuerySet


class RegistrationStatus(models.TextChoices):
    """The platform's four states, and waiting for a seat; only a `registered` one holds a seat of a coming event."""

    REGISTERED = "registered", "Registered"
    WAITLISTED = "waitlisted", "Waitlisted"
    CANCELLED = "cancelled", "Cancelled"
    ATTENDED = "attended", "Attended"
    NO_SHOW = "no_show", "No show"


class CheckInMethod(models.TextChoices):
    """How the organiser knew who came."""

    NONE = "", "Not checked in"
    TOKEN = "token", "Ticket"
    USER_ID = "user_id", "By name"
    BULK = "bulk", "Attendance list"


class Registration(models.Model):
    """One person at one event; cancelling keeps the row, and registering again reopens it.

    `times_registered` counts the reopenings; a ticket is good for one of them. `waitlist_number` orders those who wait:
    numbers grow in the order in which the event's row was locked, and stay after the promotion. `checked_in_by` is the
    organiser or admin.
    """

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
    times_registered = models.SmallIntegerField(default=1, db_default=1, editable=False)
    waitlist_number = models.BigIntegerField(null=True, blank=True, editable=False)
    checked_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_in_by = models.UUIDField(null=True, blank=True, editable=False)
    check_in_method = models.CharField(
        max_length=20,
        choices=CheckInMethod,
        default=CheckInMethod.NONE,
        db_default=CheckInMethod.NONE,
        blank=True,
        editable=False,
    )
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
            models.Index(
                fields=["event", "waitlist_number"], condition=Q(status="waitlisted"), name="idx_registrations_waitlist"
            ),
            models.Index(
                fields=["user_id", "event"], condition=Q(status="registered"), name="idx_registrations_coming"
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["event", "user_id"], name="event_registrations_event_id_user_id_key"),
            models.CheckConstraint(
                condition=Q(status__in=RegistrationStatus.values), name="event_registrations_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="waitlisted") | Q(waitlist_number__isnull=False),
                name="event_registrations_waiting_in_order",
            ),
            models.CheckConstraint(
                condition=Q(checked_in_at__isnull=True, checked_in_by__isnull=True, check_in_method=CheckInMethod.NONE)
                | (
                    Q(status="attended", checked_in_at__isnull=False)
                    & Q(check_in_method__in=[method for method in CheckInMethod.values if method])
                ),
                name="event_registrations_check_in_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} at {self.event_id}"


class SeatCheck(models.Model):
    """What `registrations.services.reconcile_seats` found in one run: of `events`, `drifted` were wrong before it.

    `corrected` of these are right since.
    """

    checked_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    events = models.BigIntegerField()
    drifted = models.BigIntegerField()
    corrected = models.BigIntegerField()

    class Meta:
        """One row a run, at most some a day."""

        db_table = "seat_checks"

    def __str__(self) -> str:
        return f"{self.drifted} of {self.events} events drifted, {self.corrected} corrected"


class CalendarFeed(models.Model):
    """The address under which a user's calendar can be read without a token: `serial` is its secret part.

    Without the row there is no such address, and the next one has another serial.
    """

    user_id = models.UUIDField(primary_key=True)
    serial = models.UUIDField(unique=True)
    created_at = models.DateTimeField(default=now, db_default=Now(), editable=False)

    class Meta:
        """One feed a user."""

        db_table = "calendar_feeds"

    def __str__(self) -> str:
        return str(self.user_id)
