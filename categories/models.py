"""The categories that an event can belong to: the table `event_categories` of the platform's document."""

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.timezone import now

from categories.querysets import CategoryQuerySet


class Category(models.Model):
    """A word that organisers choose and attendees filter by; an inactive one stays on old events only."""

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID(), editable=False)
    name = models.CharField(max_length=100)
    description = models.TextField(null=True, blank=True)
    icon = models.CharField(max_length=50, null=True, blank=True)
    color = models.CharField(max_length=7, null=True, blank=True, help_text="#RRGGBB")
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(default=now, db_default=Now(), editable=False)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        """Named as in the platform's document."""

        db_table = "event_categories"
        verbose_name_plural = "categories"
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["name"], name="event_categories_name_key"),)

    def __str__(self) -> str:
        return self.name
