"""The indexes that a page of a list is read from: the filter's column, then the order of the list."""

from django.db import migrations, models

IN_ORDER = ("status", "start_date", "id")
WIDER = (
    models.Index(fields=["category", *IN_ORDER], name="idx_events_category"),
    models.Index(fields=["category_ref", *IN_ORDER], name="idx_events_category_id"),
    models.Index(fields=["created_by", "start_date", "id"], name="idx_events_created_by"),
    models.Index(fields=[*IN_ORDER], include=("is_virtual", "price"), name="idx_events_status"),
)


class Migration(migrations.Migration):
    """Four indexes keep the platform's names and get more columns; one is new."""

    dependencies = (("events", "0007_popularity"),)
    operations = (
        *(migrations.RemoveIndex(model_name="event", name=index.name) for index in WIDER),
        *(migrations.AddIndex(model_name="event", index=index) for index in WIDER),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["status", "created_at", "id"], name="idx_events_recent"),
        ),
    )
