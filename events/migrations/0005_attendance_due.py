"""What beat looks for every ten minutes: events that have started and whose list of those who came is open."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A partial index, on every partition; it holds no column that a seat's UPDATE touches."""

    dependencies = (("events", "0004_registration_form_and_attendance"),)
    operations = (
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("attendance_closed_at__isnull", True), ("status__in", ("active", "completed"))),
                fields=["start_date"],
                name="idx_events_attendance_due",
            ),
        ),
    )
