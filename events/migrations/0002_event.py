"""The table of the platform's document, partitioned; Django cannot make it, so that it only learns its state."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models

import events.models

CREATE = """
CREATE TABLE events (
    id uuid DEFAULT event_uuid7() NOT NULL,
    title varchar(255) NOT NULL,
    description text,
    location varchar(255),
    latitude numeric(10, 8),
    longitude numeric(11, 8),
    start_date timestamptz NOT NULL,
    end_date timestamptz,
    timezone varchar(64) DEFAULT 'UTC' NOT NULL,
    max_attendees integer,
    current_attendees integer DEFAULT 0 NOT NULL,
    category varchar(100),
    category_id uuid,
    tags varchar(50)[] DEFAULT '{}' NOT NULL,
    image_url text,
    is_virtual boolean DEFAULT false NOT NULL,
    virtual_link text,
    price numeric(10, 2) DEFAULT 0.00 NOT NULL,
    currency varchar(3) DEFAULT 'USD' NOT NULL,
    status varchar(20) DEFAULT 'active' NOT NULL,
    created_by uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_category_id_fkey FOREIGN KEY (category_id) REFERENCES event_categories (id) ON DELETE RESTRICT,
    CONSTRAINT events_seats_within_capacity
        CHECK (current_attendees >= 0 AND (max_attendees IS NULL OR current_attendees <= max_attendees)),
    CONSTRAINT events_status_known
        CHECK (status IN ('draft', 'pending', 'active', 'rejected', 'cancelled', 'completed', 'archived')),
    CONSTRAINT events_end_after_start CHECK (end_date IS NULL OR end_date > start_date),
    CONSTRAINT events_price_not_negative CHECK (price >= 0)
) PARTITION BY RANGE (id);

CREATE INDEX idx_events_start_date ON events (start_date);
CREATE INDEX idx_events_location ON events (location);
CREATE INDEX idx_events_category ON events (category);
CREATE INDEX idx_events_category_id ON events (category_id);
CREATE INDEX idx_events_status ON events (status);
CREATE INDEX idx_events_created_by ON events (created_by);
CREATE INDEX idx_events_tags ON events USING gin (tags);

CREATE TABLE events_default PARTITION OF events DEFAULT WITH (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
"""


class Migration(migrations.Migration):
    """`events`, its named constraints and indexes, and the default partition that takes foreign ids."""

    dependencies = (("categories", "0002_default_categories"), ("events", "0001_event_uuid7"))
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, "DROP TABLE events")],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
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
                        ("title", models.CharField(max_length=255)),
                        ("description", models.TextField(blank=True, null=True)),
                        ("location", models.CharField(blank=True, max_length=255, null=True)),
                        ("latitude", models.DecimalField(blank=True, decimal_places=8, max_digits=10, null=True)),
                        ("longitude", models.DecimalField(blank=True, decimal_places=8, max_digits=11, null=True)),
                        ("start_date", models.DateTimeField()),
                        ("end_date", models.DateTimeField(blank=True, null=True)),
                        (
                            "timezone",
                            models.CharField(db_default="UTC", default="UTC", help_text="IANA name", max_length=64),
                        ),
                        ("max_attendees", models.IntegerField(blank=True, help_text="Empty: unlimited", null=True)),
                        ("current_attendees", models.IntegerField(db_default=0, default=0, editable=False)),
                        ("category", models.CharField(blank=True, max_length=100, null=True)),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=50),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        ("image_url", models.TextField(blank=True, null=True)),
                        ("is_virtual", models.BooleanField(db_default=False, default=False)),
                        ("virtual_link", models.TextField(blank=True, null=True)),
                        ("price", models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=10)),
                        ("currency", models.CharField(db_default="USD", default="USD", max_length=3)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("pending", "Pending approval"),
                                    ("active", "Active"),
                                    ("rejected", "Rejected"),
                                    ("cancelled", "Cancelled"),
                                    ("completed", "Completed"),
                                    ("archived", "Archived"),
                                ],
                                db_default="active",
                                default="active",
                                max_length=20,
                            ),
                        ),
                        ("created_by", models.UUIDField()),
                        ("version", models.IntegerField(db_default=1, default=1, editable=False)),
                        (
                            "created_at",
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
                            "category_ref",
                            models.ForeignKey(
                                blank=True,
                                db_column="category_id",
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.RESTRICT,
                                related_name="events",
                                verbose_name="category",
                                to="categories.category",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "events",
                        "indexes": [
                            models.Index(fields=["start_date"], name="idx_events_start_date"),
                            models.Index(fields=["location"], name="idx_events_location"),
                            models.Index(fields=["category"], name="idx_events_category"),
                            models.Index(fields=["status"], name="idx_events_status"),
                            models.Index(fields=["created_by"], name="idx_events_created_by"),
                            models.Index(fields=["category_ref"], name="idx_events_category_id"),
                            django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="idx_events_tags"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("current_attendees__gte", 0),
                                    models.Q(
                                        ("max_attendees__isnull", True),
                                        ("current_attendees__lte", models.F("max_attendees")),
                                        _connector="OR",
                                    ),
                                ),
                                name="events_seats_within_capacity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "draft",
                                            "pending",
                                            "active",
                                            "rejected",
                                            "cancelled",
                                            "completed",
                                            "archived",
                                        ],
                                    )
                                ),
                                name="events_status_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("end_date__isnull", True),
                                    ("end_date__gt", models.F("start_date")),
                                    _connector="OR",
                                ),
                                name="events_end_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("price__gte", 0)), name="events_price_not_negative"
                            ),
                        ],
                    },
                ),
            ],
        ),
    )
