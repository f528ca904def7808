"""The messages on their way out."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`outbox_messages`."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=249)),
                ("key", models.CharField(max_length=255)),
                ("message_type", models.CharField(max_length=100)),
                ("payload", models.JSONField()),
                ("headers", models.JSONField(db_default={}, default=dict)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("parked_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "db_table": "outbox_messages",
                "indexes": [
                    models.Index(
                        condition=models.Q(("parked_at__isnull", True), ("published_at__isnull", True)),
                        fields=["id"],
                        name="outbox_messages_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_at__isnull", True), ("parked_at__isnull", True), _connector="OR"
                        ),
                        name="outbox_messages_published_or_parked",
                    )
                ],
            },
        ),
    )
