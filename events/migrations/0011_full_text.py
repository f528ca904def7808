"""The words of an event, weighted, and the index that finds them; accents and case do not count."""

from django.db import migrations

CREATE = """
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;

CREATE TEXT SEARCH CONFIGURATION public.meetinity (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION public.meetinity
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH public.unaccent, pg_catalog.simple;

CREATE FUNCTION event_spans(start_date timestamptz) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY[
    '@d' || floor(extract(epoch FROM start_date) / 86400)::bigint,
    '@w' || floor(extract(epoch FROM start_date) / (7 * 86400))::bigint,
    '@q' || floor(extract(epoch FROM start_date) / (56 * 86400))::bigint
];

CREATE FUNCTION event_document(title text, tags varchar[], location text, description text, start_date timestamptz)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(event_spans(start_date))
    || setweight(to_tsvector('public.meetinity'::regconfig, title), 'A')
    || setweight(to_tsvector('public.meetinity'::regconfig, array_to_string(tags, ' ')), 'B')
    || setweight(to_tsvector('public.meetinity'::regconfig, coalesce(location, '')), 'C')
    || setweight(to_tsvector('public.meetinity'::regconfig, coalesce(description, '')), 'D');

CREATE FUNCTION event_query(words text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN numnode(websearch_to_tsquery('public.meetinity'::regconfig, words)) > 0
    THEN websearch_to_tsquery('public.meetinity'::regconfig, words)
END;

CREATE FUNCTION event_location_query(words text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg('''' || replace(lexeme, '''', '''''') || ''':C', ' & ')::tsquery
    FROM unnest(to_tsvector('public.meetinity'::regconfig, words))
);

ALTER TABLE events ADD COLUMN search tsvector
    GENERATED ALWAYS AS (event_document(title, tags, location, description, start_date)) STORED;

CREATE INDEX idx_events_search ON events USING gin (search);
"""
DROP = """
ALTER TABLE events DROP COLUMN search;
DROP FUNCTION event_location_query(text);
DROP FUNCTION event_query(text);
DROP FUNCTION event_document(text, varchar[], text, text, timestamptz);
DROP FUNCTION event_spans(timestamptz);
DROP TEXT SEARCH CONFIGURATION public.meetinity;
"""


class Migration(migrations.Migration):
    """A generated column that Django does not know, so that no query reads it unasked.

    Beside its words it holds the day, the week and the eight weeks of the start, which let the index alone find the
    soonest of very many. Every name is qualified and every body parsed when it is made, so that a dump of 18 loads on 15.
    """

    dependencies = (("events", "0010_event_stats"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
