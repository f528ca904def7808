"""Each tag as a whole beside the words of an event, so that the index knows tags together with the time."""

from django.db import migrations

DOCUMENT = """
DROP INDEX idx_events_search;
ALTER TABLE events DROP COLUMN search;

CREATE OR REPLACE FUNCTION event_document(
    title text, tags varchar[], location text, description text, start_date timestamptz
)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector({marks})
    || setweight(to_tsvector('public.meetinity'::regconfig, title), 'A')
    || setweight(to_tsvector('public.meetinity'::regconfig, array_to_string(tags, ' ')), 'B')
    || setweight(to_tsvector('public.meetinity'::regconfig, coalesce(location, '')), 'C')
    || setweight(to_tsvector('public.meetinity'::regconfig, coalesce(description, '')), 'D');

ALTER TABLE events ADD COLUMN search tsvector
    GENERATED ALWAYS AS (event_document(title, tags, location, description, start_date)) STORED;

CREATE INDEX idx_events_search ON events USING gin (search);
"""
WITH_TAGS = "event_spans(start_date) || ARRAY(SELECT '#' || tag FROM unnest(tags) AS tag WHERE tag IS NOT NULL)"


class Migration(migrations.Migration):
    """The column is made anew, which rewrites `events` under its lock: some minutes for a million."""

    dependencies = (("events", "0013_places_of_active_events"),)
    operations = (
        migrations.RunSQL(DOCUMENT.format(marks=WITH_TAGS), DOCUMENT.format(marks="event_spans(start_date)")),
    )
