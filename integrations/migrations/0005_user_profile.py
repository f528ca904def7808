"""The profiles and the tombstones of users."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """`user_profiles`."""

    dependencies = (("integrations", "0004_consumed_partition"),)
    operations = (
        migrations.CreateModel(
            name="UserProfile",
            fields=[
                ("user_id", models.UUIDField(primary_key=True, serialize=False)),
                ("location", models.TextField(blank=True, db_default="", default="")),
                ("industry", models.TextField(blank=True, db_default="", default="")),
                (
                    "interests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                ("profile_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "user_profiles",
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", False)),
                        fields=["removed_at"],
                        name="user_profiles_removed",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at__isnull", True),
                            models.Q(("industry", ""), ("interests", []), ("location", "")),
                            _connector="OR",
                        ),
                        name="user_profiles_removed_is_empty",
                    )
                ],
            },
        ),
    )
