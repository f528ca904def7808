"""What an organiser asks of those who register, and when the list of those who came was closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns of `events`."""

    dependencies = (("events", "0003_first_partitions"),)
    operations = (
        migrations.AddField(
            model_name="event",
            name="attendance_closed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="registration_form",
            field=models.JSONField(blank=True, help_text="A JSON Schema of the answers to register with", null=True),
        ),
    )
