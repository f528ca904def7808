"""The platform's materialised view of events by category and month, and when each view of this service was refreshed."""

from django.db import migrations, models

CREATE = """
CREATE MATERIALIZED VIEW event_stats AS
SELECT
    category,
    count(*) AS total_events,
    avg(current_attendees) AS avg_attendees,
    date_trunc('month', created_at, 'UTC') AS month
FROM events
WHERE status = 'active' AND category IS NOT NULL
GROUP BY category, date_trunc('month', created_at, 'UTC');

CREATE UNIQUE INDEX event_stats_category_month_key ON event_stats (category, month);

CREATE FUNCTION refresh_event_stats() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY event_stats;
END;
$$;
"""
DROP = """
DROP FUNCTION refresh_event_stats();
DROP MATERIALIZED VIEW event_stats;
"""


class Migration(migrations.Migration):
    """Months are those of UTC on every server; the unique index is what refreshing beside readers needs."""

    dependencies = (("events", "0009_uploaded_image"),)
    operations = (
        migrations.RunSQL(CREATE, DROP),
        migrations.CreateModel(
            name="RefreshedView",
            fields=[
                ("name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("refreshed_at", models.DateTimeField()),
            ],
            options={"db_table": "refreshed_views"},
        ),
    )
