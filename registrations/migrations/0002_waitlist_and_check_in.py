"""Who waits for a seat, and who came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns of `event_registrations`; the numbers of the waitlist come from a sequence of their own."""

    dependencies = [
        ("events", "0004_registration_form_and_attendance"),
        ("registrations", "0001_registration"),
    ]
    operations = [
        migrations.RemoveConstraint(
            model_name="registration",
            name="event_registrations_status_known",
        ),
        migrations.AddField(
            model_name="registration",
            name="check_in_method",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Not checked in"),
                    ("token", "Ticket"),
                    ("user_id", "By name"),
                    ("bulk", "Attendance list"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="registration",
            name="checked_in_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="registration",
            name="checked_in_by",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="registration",
            name="times_registered",
            field=models.SmallIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="registration",
            name="waitlist_number",
            field=models.BigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="registration",
            name="status",
            field=models.CharField(
                choices=[
                    ("registered", "Registered"),
                    ("waitlisted", "Waitlisted"),
                    ("cancelled", "Cancelled"),
                    ("attended", "Attended"),
                    ("no_show", "No show"),
                ],
                db_default="registered",
                default="registered",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("status", "waitlisted")),
                fields=["event", "waitlist_number"],
                name="idx_registrations_waitlist",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["registered", "waitlisted", "cancelled", "attended", "no_show"])),
                name="event_registrations_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waitlisted"), _negated=True),
                    ("waitlist_number__isnull", False),
                    _connector="OR",
                ),
                name="event_registrations_waiting_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("check_in_method", ""), ("checked_in_at__isnull", True), ("checked_in_by__isnull", True)),
                    models.Q(
                        ("checked_in_at__isnull", False),
                        ("status", "attended"),
                        ("check_in_method__in", ["token", "user_id", "bulk"]),
                    ),
                    _connector="OR",
                ),
                name="event_registrations_check_in_whole",
            ),
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE event_registrations_waitlist_number_seq OWNED BY event_registrations.waitlist_number",
            "DROP SEQUENCE event_registrations_waitlist_number_seq",
        ),
    ]
