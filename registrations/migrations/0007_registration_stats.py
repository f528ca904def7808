"""What happens on each day, over all events: people register, give up, come and do not come."""

from django.db import migrations

CREATE = """
CREATE MATERIALIZED VIEW registration_stats AS
WITH facts AS (
    SELECT (registered_at AT TIME ZONE 'UTC')::date AS day, 'registration' AS kind, count(*) AS total
    FROM event_registrations WHERE status <> 'waitlisted' GROUP BY 1
    UNION ALL
    SELECT (updated_at AT TIME ZONE 'UTC')::date, 'cancellation', count(*)
    FROM event_registrations WHERE status = 'cancelled' GROUP BY 1
    UNION ALL
    SELECT (coalesce(checked_in_at, updated_at) AT TIME ZONE 'UTC')::date, 'attendance', count(*)
    FROM event_registrations WHERE status = 'attended' GROUP BY 1
    UNION ALL
    SELECT (updated_at AT TIME ZONE 'UTC')::date, 'no_show', count(*)
    FROM event_registrations WHERE status = 'no_show' GROUP BY 1
)
SELECT day,
       coalesce(sum(total) FILTER (WHERE kind = 'registration'), 0)::bigint AS registrations,
       coalesce(sum(total) FILTER (WHERE kind = 'cancellation'), 0)::bigint AS cancellations,
       coalesce(sum(total) FILTER (WHERE kind = 'attendance'), 0)::bigint AS attendance,
       coalesce(sum(total) FILTER (WHERE kind = 'no_show'), 0)::bigint AS no_shows
FROM facts GROUP BY day;

CREATE UNIQUE INDEX registration_stats_day_key ON registration_stats (day);

CREATE FUNCTION refresh_registration_stats() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY registration_stats;
END;
$$;
"""
DROP = """
DROP FUNCTION refresh_registration_stats();
DROP MATERIALIZED VIEW registration_stats;
"""


class Migration(migrations.Migration):
    """Days of UTC. `registrations.statistics` counts one event by the same rules."""

    dependencies = (("registrations", "0006_event_trends"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
