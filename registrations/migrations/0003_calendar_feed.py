"""The addresses of calendar feeds."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`calendar_feeds`."""

    dependencies = [("registrations", "0002_waitlist_and_check_in")]
    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("user_id", models.UUIDField(primary_key=True, serialize=False)),
                ("serial", models.UUIDField(unique=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
            ],
            options={"db_table": "calendar_feeds"},
        ),
    ]
