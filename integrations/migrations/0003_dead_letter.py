"""The messages that were parked."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`dead_letters`."""

    dependencies = (("integrations", "0002_inbox_message"),)
    operations = (
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=249)),
                ("topic_id", models.UUIDField()),
                ("partition", models.IntegerField()),
                ("offset", models.BigIntegerField()),
                ("key", models.BinaryField(null=True)),
                ("value", models.BinaryField(null=True)),
                ("headers", models.JSONField(db_default=[], default=list)),
                ("message_type", models.CharField(blank=True, db_default="", default="", max_length=100)),
                ("error", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
                    ),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[("", "Open"), ("replayed", "Replayed"), ("discarded", "Discarded")],
                        db_default="",
                        default="",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "db_table": "dead_letters",
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at__isnull", True)),
                        fields=["created_at"],
                        name="dead_letters_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic_id", "partition", "offset"), name="dead_letters_position_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("resolution__in", ["", "replayed", "discarded"])),
                        name="dead_letters_resolution_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolution", ""), ("resolved_at__isnull", True)),
                            models.Q(("resolved_at__isnull", False), models.Q(("resolution", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="dead_letters_resolved_with_time",
                    ),
                ],
            },
        ),
    )
