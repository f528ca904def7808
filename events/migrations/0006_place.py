"""Where an event is, as a point on a sphere of radius 1, and an index that finds the nearest and those within a radius."""

from django.db import migrations

CREATE = """
CREATE EXTENSION IF NOT EXISTS cube SCHEMA public;

CREATE FUNCTION event_place(latitude numeric, longitude numeric) RETURNS public.cube
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN public.cube(ARRAY[
    cos(radians(latitude::float8)) * cos(radians(longitude::float8)),
    cos(radians(latitude::float8)) * sin(radians(longitude::float8)),
    sin(radians(latitude::float8))
]);

ALTER TABLE events ADD COLUMN place public.cube GENERATED ALWAYS AS (event_place(latitude, longitude)) STORED;

CREATE INDEX idx_events_place ON events USING gist (place) INCLUDE (status, start_date, id);
"""
# The extension stays: somebody else may use it by then.
DROP = """
ALTER TABLE events DROP COLUMN place;
DROP FUNCTION event_place(numeric, numeric);
"""


class Migration(migrations.Migration):
    """A generated column that Django does not know, so that no query reads it unasked; null without coordinates.

    The columns behind the point let the index alone count what lies within a radius. A body in the SQL standard's form
    is parsed when it is made, so that a restore does not depend on the search path.
    """

    dependencies = (("events", "0005_attendance_due"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
