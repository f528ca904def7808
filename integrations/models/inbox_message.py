"""The messages from Kafka that were handled, so that a second delivery is not handled again."""

from django.db import models
from django.db.models.functions import Now
from django.utils.timezone import now


class InboxMessage(models.Model):
    """One handled message, by its place: the platform's messages carry no id.

    The topic's id and not its name, because a topic that is made anew starts again at offset 0 under the old name.
    """

    id = models.BigAutoField(primary_key=True)
    topic_id = models.UUIDField()
    partition = models.IntegerField()
    offset = models.BigIntegerField()
    handled_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        """The index on time serves the newest one and the purge."""

        db_table = "inbox_messages"
        indexes = (models.Index(fields=["handled_at"], name="inbox_messages_handled_at"),)
        constraints = (
            models.UniqueConstraint(fields=["topic_id", "partition", "offset"], name="inbox_messages_position_key"),
        )

    def __str__(self) -> str:
        return f"{self.topic_id} [{self.partition}] {self.offset}"
