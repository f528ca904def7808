"""What `sort=popular` reads: the attendance of some minutes ago, and its index, which no registration has to touch."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of `events`, and an index on every partition."""

    dependencies = (("events", "0006_place"),)
    operations = (
        migrations.AddField(
            model_name="event",
            name="popularity",
            field=models.IntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["status", "popularity", "id"], name="idx_events_popular"),
        ),
    )
