"""The order in which messages were published, for the change feed."""

from django.db import migrations, models

CREATE = "CREATE SEQUENCE outbox_messages_position AS bigint OWNED BY outbox_messages.position"
DROP = "DROP SEQUENCE outbox_messages_position"


class Migration(migrations.Migration):
    """The feed begins with what is published from here on: rows without a position were never in it."""

    dependencies = (("integrations", "0008_outbox_waiting_by_destination"),)
    operations = (
        migrations.AddField("OutboxMessage", "position", models.BigIntegerField(null=True, blank=True)),
        migrations.AddConstraint(
            "OutboxMessage",
            models.UniqueConstraint(
                fields=["position"], condition=models.Q(position__isnull=False), name="outbox_messages_position_unique"
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    )
