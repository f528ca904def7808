"""The life of its topic that each partition was last read in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """`consumed_partitions`."""

    dependencies = (("integrations", "0003_dead_letter"),)
    operations = (
        migrations.CreateModel(
            name="ConsumedPartition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=249)),
                ("partition", models.IntegerField()),
                ("topic_id", models.UUIDField()),
            ],
            options={
                "db_table": "consumed_partitions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "partition"), name="consumed_partitions_topic_partition_key"
                    )
                ],
            },
        ),
    )
