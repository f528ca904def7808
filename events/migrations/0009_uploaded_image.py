"""What the sweep of images asks: which events refer to these files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A partial index, on every partition; it holds no column that a seat's UPDATE touches."""

    dependencies = (("events", "0008_list_indexes"),)
    operations = (
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("image_url__startswith", "/events/images/")),
                fields=["image_url"],
                name="idx_events_uploaded_image",
            ),
        ),
    )
