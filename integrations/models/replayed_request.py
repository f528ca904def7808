"""The writes that a client may send again: what came of each, so that a repeat is answered and not done twice."""

from django.db import models
from django.utils.timezone import now


class ReplayedRequest(models.Model):
    """One finished write under the key that its caller chose, or that stands for it behind the gateway."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.UUIDField()
    key = models.CharField(max_length=400)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    status = models.SmallIntegerField()
    resource_id = models.UUIDField()
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        """A key belongs to its user; the index on time serves the purge."""

        db_table = "replayed_requests"
        indexes = (models.Index(fields=["expires_at"], name="replayed_requests_expires_at"),)
        constraints = (models.UniqueConstraint(fields=["user_id", "key"], name="replayed_requests_user_id_key_key"),)

    def __str__(self) -> str:
        return self.key
