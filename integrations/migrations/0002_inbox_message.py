"""The messages that were handled."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`inbox_messages`."""

    dependencies = (("integrations", "0001_outbox_message"),)
    operations = (
        migrations.CreateModel(
            name="InboxMessage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic_id", models.UUIDField()),
                ("partition", models.IntegerField()),
                ("offset", models.BigIntegerField()),
                (
                    "handled_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "db_table": "inbox_messages",
                "indexes": [models.Index(fields=["handled_at"], name="inbox_messages_handled_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic_id", "partition", "offset"), name="inbox_messages_position_key"
                    )
                ],
            },
        ),
    )
