"""Which life of a topic the committed offset of a partition belongs to."""

from django.db import models


class ConsumedPartition(models.Model):
    """One partition that the consumer has read from, with the topic's id of that time.

    A committed offset does not say which topic it counts in: one deleted and made anew has the same name. Kept here and
    not in the metadata of the commit, which not every broker returns.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=249)
    partition = models.IntegerField()
    topic_id = models.UUIDField()

    class Meta:
        """One row a partition."""

        db_table = "consumed_partitions"
        constraints = (
            models.UniqueConstraint(fields=["topic", "partition"], name="consumed_partitions_topic_partition_key"),
        )

    def __str__(self) -> str:
        return f"{self.topic} [{self.partition}]"
