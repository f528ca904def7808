"""The table of the platform's document; the database owns the cascade from its event."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models

import events.models


class Migration(migrations.Migration):
    """`event_registrations`."""

    initial = True
    dependencies = (("events", "0003_first_partitions"),)
    operations = (
        migrations.CreateModel(
            name="Registration",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=events.models.NewId(),
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("user_id", models.UUIDField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("registered", "Registered"),
                            ("cancelled", "Cancelled"),
                            ("attended", "Attended"),
                            ("no_show", "No show"),
                        ],
                        db_default="registered",
                        default="registered",
                        max_length=20,
                    ),
                ),
                ("registration_data", models.JSONField(blank=True, null=True)),
                (
                    "registered_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="registrations",
                        to="events.event",
                    ),
                ),
            ],
            options={
                "db_table": "event_registrations",
                "indexes": [
                    models.Index(fields=["event"], name="idx_registrations_event"),
                    models.Index(fields=["user_id"], name="idx_registrations_user"),
                    models.Index(fields=["status"], name="idx_registrations_status"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "user_id"), name="event_registrations_event_id_user_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["registered", "cancelled", "attended", "no_show"])),
                        name="event_registrations_status_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE event_registrations ADD CONSTRAINT event_registrations_event_id_fkey "
            "FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE",
            "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_event_id_fkey",
        ),
    )
