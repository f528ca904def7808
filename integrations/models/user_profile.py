"""What user-service has told about a user, and the tombstone of a removed one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class UserProfile(models.Model):
    """One user. `profile_at` is the time of the newest message about them.

    `removed_at` is when this service heard of the removal; once set it stays.
    """

    user_id = models.UUIDField(primary_key=True)
    location = models.TextField(default="", db_default="", blank=True)
    industry = models.TextField(default="", db_default="", blank=True)
    interests = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    profile_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The database itself keeps a removed user empty."""

        db_table = "user_profiles"
        indexes = (
            models.Index(fields=["removed_at"], condition=Q(removed_at__isnull=False), name="user_profiles_removed"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(location="", industry="", interests=[]),
                name="user_profiles_removed_is_empty",
            ),
        )

    def __str__(self) -> str:
        return str(self.user_id)
