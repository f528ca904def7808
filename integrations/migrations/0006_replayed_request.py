"""The writes that may be sent again."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """`replayed_requests`."""

    dependencies = (("integrations", "0005_user_profile"),)
    operations = (
        migrations.CreateModel(
            name="ReplayedRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.UUIDField()),
                ("key", models.CharField(max_length=400)),
                ("fingerprint", models.CharField(help_text="SHA-256 of method, address and body", max_length=64)),
                ("status", models.SmallIntegerField()),
                ("resource_id", models.UUIDField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "replayed_requests",
                "indexes": [models.Index(fields=["expires_at"], name="replayed_requests_expires_at")],
                "constraints": [
                    models.UniqueConstraint(fields=("user_id", "key"), name="replayed_requests_user_id_key_key")
                ],
            },
        ),
    )
