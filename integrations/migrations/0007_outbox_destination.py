"""Messages for another service than Kafka: where each goes, and when it is tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns of `outbox_messages`; a release before this one writes and sends messages to Kafka alone."""

    dependencies = (("integrations", "0006_replayed_request"),)
    operations = (
        migrations.AddField(
            model_name="outboxmessage",
            name="destination",
            field=models.CharField(
                choices=[("kafka", "Kafka"), ("matching", "matching-service")],
                db_default="kafka",
                default="kafka",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="attempts",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="retry_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("destination__in", ["kafka", "matching"])),
                name="outbox_messages_destination_known",
            ),
        ),
    )
