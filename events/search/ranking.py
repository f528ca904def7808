"""The one statement of a search: the soonest events with the words, their rank, one page of them, their facets.

However many events there are, no more than RANKED_AT_MOST are ranked and counted, in the order in which they start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from events.querysets import EventQuerySet
from events.search.facets import FACETS_SQL
from events.search.query import Document, Matches, Query
from events.search.soonest import write_soonest
from meetinity_events.api.pagination import PageRequest

RANKED_AT_MOST = 250
COLUMNS = ("id", "start_date", "category", "tags", "is_virtual")
SEARCH_SQL = """
    WITH {soonest},
    ranked AS MATERIALIZED (
        SELECT *, ts_rank(document, {query})::float8 AS rank FROM found ORDER BY start_date, id LIMIT {limit}
    ),
    page AS (
        SELECT id, rank, start_date FROM ranked WHERE {beyond} ORDER BY rank DESC, start_date, id LIMIT %s OFFSET %s
    )
    SELECT
        (SELECT count(*) FROM found),
        (SELECT jsonb_agg(jsonb_build_array(id, rank, start_date) ORDER BY rank DESC, start_date, id) FROM page),
        {facets},
        ARRAY(
            SELECT said FROM unnest(%s::text[]) WITH ORDINALITY AS suggested (said, place),
            LATERAL (SELECT event_query(said) AS asked OFFSET 0) AS parsed
            WHERE EXISTS (SELECT FROM ranked WHERE document @@ asked) ORDER BY place
        )
"""
BEYOND = "(-rank, start_date, id) > (-%s::float8, %s::timestamptz, %s::uuid)"


@dataclass(frozen=True, slots=True)
class Hit:
    """An event on the page, and where it stands in the order: by rank, then by start, then by id."""

    id: UUID
    rank: float
    start_date: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `total` is above `limit` where there is more; `hits` are up to a page and one more.

    `facets`: by name a list of {"value", "count"}. `suggestions`: those of the texts asked about that find something.
    """

    total: int
    limit: int
    hits: list[Hit]
    facets: dict[str, list[dict[str, Any]]]
    suggestions: list[str]


def search_events(
    events: EventQuerySet, query: Query, page: PageRequest, *, since: datetime, suggestions: Sequence[str] = ()
) -> Found:
    """Of `events`, which are filtered, and none of which starts before `since`, those with the words. One query."""
    matching = events.filter(Matches(query)).values(*COLUMNS, document=Document())
    soonest, values = write_soonest(matching, since=since, limit=RANKED_AT_MOST)
    beyond, place = ("true", []) if page.cursor is None else (BEYOND, [*page.cursor[0], page.cursor[1]])
    sql = SEARCH_SQL.format(soonest=soonest, query=query.sql, limit=RANKED_AT_MOST, beyond=beyond, facets=FACETS_SQL)
    start = page.start if page.cursor is None else 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *query.values, *place, page.size + 1, start, list(suggestions)])
        total, hits, facets, suggested = cursor.fetchone()
    ordered = [Hit(UUID(event_id), rank, start_date) for event_id, rank, start_date in orjson.loads(hits or "[]")]
    return Found(total, RANKED_AT_MOST, ordered, orjson.loads(facets), suggested)
