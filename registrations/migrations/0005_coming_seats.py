"""The seats that people still look forward to: what is recommended goes by those of others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A partial index; a row leaves it when its event is over or it is given up."""

    dependencies = (("registrations", "0004_seat_check"),)
    operations = (
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                fields=["user_id", "event"],
                condition=models.Q(("status", "registered")),
                name="idx_registrations_coming",
            ),
        ),
    )
