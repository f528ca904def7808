"""An index of waiting messages for each destination."""

from django.db import migrations, models


def waiting_index(destination: str, name: str) -> models.Index:
    """The index of what waits for `destination`."""
    condition = models.Q(("destination", destination), ("parked_at__isnull", True), ("published_at__isnull", True))
    return models.Index(condition=condition, fields=["id"], name=name)


class Migration(migrations.Migration):
    """Not CONCURRENTLY, which leaves half a migration when it fails: the table holds a week, the indexes what waits."""

    dependencies = (("integrations", "0007_outbox_destination"),)
    operations = (
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_messages_waiting"),
        migrations.AddIndex(model_name="outboxmessage", index=waiting_index("kafka", "outbox_messages_waiting")),
        migrations.AddIndex(model_name="outboxmessage", index=waiting_index("matching", "outbox_messages_matching")),
    )
