"""The tags of coming events with how many carry each."""

from django.db import connection

MOST_TAGS = 500
TAGS_SQL = f"""
    SELECT tag, count(*) AS events FROM events, unnest(tags) AS tag
    WHERE status = 'active' AND start_date >= now()
    GROUP BY tag ORDER BY events DESC, tag LIMIT {MOST_TAGS}
"""


def count_tags() -> list[dict[str, str | int]]:
    """The MOST_TAGS most frequent as {"name", "count"}, the most frequent first. Reads every coming event."""
    with connection.cursor() as cursor:
        cursor.execute(TAGS_SQL)
        return [{"name": name, "count": count} for name, count in cursor.fetchall()]
