"""Which coming events people register for just now: everywhere, in each city, and for each tag and category."""

from django.db import migrations

CREATE = r"""
CREATE FUNCTION event_city(location text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(btrim(regexp_replace(normalize(split_part(location, ',', 1), NFKD), '[\u0300-\u036f]', '', 'g')));

CREATE FUNCTION event_word(word text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(lower(btrim(word)), ' ', '-');

CREATE MATERIALIZED VIEW event_trends AS
WITH recent AS (
    SELECT event_id,
           (extract(epoch FROM now()) / 259200)::float8
               + ln(sum(power(2, (extract(epoch FROM registered_at - now()) / 259200)::float8))) / ln(2::float8) AS heat
    FROM event_registrations
    WHERE status = 'registered' AND registered_at > now() - interval '21 days'
    GROUP BY event_id
),
coming AS (
    SELECT id, start_date, event_city(location) AS city, category, tags, round(heat::numeric, 4) AS heat
    FROM events LEFT JOIN recent ON event_id = id
    WHERE status = 'active' AND start_date > now()
),
placed AS (
    SELECT 'everywhere' AS scope, '' AS name, 200 AS depth, id, start_date, heat FROM coming
    UNION ALL
    SELECT 'city', city, 200, id, start_date, heat FROM coming WHERE city <> ''
    UNION ALL
    SELECT 'word', word, 50, id, start_date, heat
    FROM coming CROSS JOIN LATERAL (SELECT DISTINCT event_word(text) FROM unnest(tags || category) AS text) AS own (word)
    WHERE word <> ''
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY scope, name ORDER BY heat DESC NULLS LAST, start_date, id) AS rank
    FROM placed
)
SELECT scope, name, rank::integer AS rank, id AS event_id, heat::float8 AS heat FROM ranked WHERE rank <= depth;

CREATE UNIQUE INDEX event_trends_rank_key ON event_trends (scope, name, rank);

CREATE FUNCTION refresh_event_trends() RETURNS void LANGUAGE plpgsql SET work_mem = '64MB' AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY event_trends;
END;
$$;
"""
DROP = """
DROP FUNCTION refresh_event_trends();
DROP MATERIALIZED VIEW event_trends;
DROP FUNCTION event_word(text);
DROP FUNCTION event_city(text);
"""


class Migration(migrations.Migration):
    """`registrations.trending` says what its columns mean; the bodies of the functions are parsed here, for a restore."""

    dependencies = (("registrations", "0005_coming_seats"), ("events", "0010_event_stats"))
    operations = (migrations.RunSQL(CREATE, DROP),)
