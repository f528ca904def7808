"""The record of an event: the table `events` of the platform's document, partitioned by the year in its id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.timezone import now
from uuid_utils.compat import uuid7

from categories.models import Category
from events.images.names import PREFIX
from events.querysets import LENGTH_UNLESS_SAID, EventQuerySet
from events.status import EventStatus


class NewId(Func):
    """A UUIDv7 made by our own SQL function, which PostgreSQL 15 and 18 both have."""

    function = "event_uuid7"
    output_field = models.UUIDField()


class Event(models.Model):
    """A gathering. `current_attendees` moves in `events.services.seats` alone; `version` counts edits, never seats.

    `attendance_closed_at` is when those who did not come were marked so; nobody is marked a second time. `popularity`
    follows `current_attendees` every few minutes, because an index on the latter would slow every registration down.
    The generated columns `place` and `search` are in the table alone; `events.place` and `events.search` use them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=NewId(), editable=False)
    title = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)
    location = models.CharField(max_length=255, null=True, blank=True)
    latitude = models.DecimalField(max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(max_digits=11, decimal_places=8, null=True, blank=True)
    start_date = models.DateTimeField()
    end_date = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, default="UTC", db_default="UTC", help_text="IANA name")
    max_attendees = models.IntegerField(null=True, blank=True, help_text="Empty: unlimited")
    current_attendees = models.IntegerField(default=0, db_default=0, editable=False)
    popularity = models.IntegerField(default=0, db_default=0, editable=False)
    category = models.CharField(max_length=100, null=True, blank=True)
    category_ref = models.ForeignKey(
        Category,
        models.RESTRICT,
        verbose_name="category",
        db_column="category_id",
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="events",
    )
    tags = ArrayField(models.CharField(max_length=50), default=list, db_default=[], blank=True)
    image_url = models.TextField(null=True, blank=True)
    is_virtual = models.BooleanField(default=False, db_default=False)
    virtual_link = models.TextField(null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, default=0, db_default=0)
    currency = models.CharField(max_length=3, default="USD", db_default="USD")
    status = models.CharField(
        max_length=20, choices=EventStatus, default=EventStatus.ACTIVE, db_default=EventStatus.ACTIVE
    )
    registration_form = models.JSONField(
        null=True, blank=True, help_text="A JSON Schema of the answers to register with"
    )
    attendance_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.UUIDField()
    version = models.IntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=now, db_default=Now(), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        """Constraints and indexes under the names that the platform's document and the migration give them."""

        db_table = "events"
        indexes = (
            models.Index(fields=["start_date"], name="idx_events_start_date"),
            models.Index(fields=["location"], name="idx_events_location"),
            models.Index(fields=["category", "status", "start_date", "id"], name="idx_events_category"),
            models.Index(
                fields=["status", "start_date", "id"], include=["is_virtual", "price"], name="idx_events_status"
            ),
            models.Index(fields=["created_by", "start_date", "id"], name="idx_events_created_by"),
            models.Index(fields=["category_ref", "status", "start_date", "id"], name="idx_events_category_id"),
            models.Index(fields=["status", "created_at", "id"], name="idx_events_recent"),
            models.Index(fields=["status", "popularity", "id"], name="idx_events_popular"),
            GinIndex(fields=["tags"], name="idx_events_tags"),
            models.Index(
                fields=["start_date"],
                condition=Q(attendance_closed_at__isnull=True, status__in=(EventStatus.ACTIVE, EventStatus.COMPLETED)),
                name="idx_events_attendance_due",
            ),
            models.Index(
                fields=["image_url"], condition=Q(image_url__startswith=PREFIX), name="idx_events_uploaded_image"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(current_attendees__gte=0)
                & (Q(max_attendees__isnull=True) | Q(current_attendees__lte=F("max_attendees"))),
                name="events_seats_within_capacity",
            ),
            models.CheckConstraint(condition=Q(status__in=EventStatus.values), name="events_status_known"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gt=F("start_date")), name="events_end_after_start"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="events_price_not_negative"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def has_room(self) -> bool:
        """True while a seat is left, as this copy of the row knows it."""
        return self.max_attendees is None or self.current_attendees < self.max_attendees

    @property
    def ends_at(self) -> datetime:
        """When it is over: `EventQuerySet.over` is the same rule in SQL."""
        return self.end_date or self.start_date + LENGTH_UNLESS_SAID

    def save_edit(self, changes: Mapping[str, Any], at: datetime) -> None:
        """Store the changed columns as the next version; the caller's transaction holds the row's lock."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1
        self.updated_at = at
        self.save(update_fields=[*changes, "version", "updated_at"])


class RefreshedView(models.Model):
    """When a materialised view was brought up to date."""

    name = models.CharField(max_length=63, primary_key=True)
    refreshed_at = models.DateTimeField()

    class Meta:
        """One row a view."""

        db_table = "refreshed_views"

    def __str__(self) -> str:
        return self.name


class SearchWord(models.Model):
    """A word of the titles, tags and places of active events, as the index of the search writes it.

    `uses` is in how many of them it was at the last refresh.
    """

    word = models.TextField(primary_key=True, db_collation="C")
    uses = models.IntegerField(default=1)

    class Meta:
        """The index finds words that look alike."""

        db_table = "search_words"
        indexes = (GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_words_alike"),)

    def __str__(self) -> str:
        return self.word
