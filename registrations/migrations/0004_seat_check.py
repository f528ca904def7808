"""What each comparison of the counters of seats with the registrations found."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`seat_checks`."""

    dependencies = [("registrations", "0003_calendar_feed")]
    operations = [
        migrations.CreateModel(
            name="SeatCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "checked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                ("events", models.BigIntegerField()),
                ("drifted", models.BigIntegerField()),
                ("corrected", models.BigIntegerField()),
            ],
            options={"db_table": "seat_checks"},
        ),
    ]
