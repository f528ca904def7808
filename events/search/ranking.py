"""The one statement of a search: the soonest events with the words, their rank, one page of them, their facets.

However many events there are, no more than RANKED_AT_MOST are ranked and counted, in the order in which they start.
They are looked for in one span of time after the other, each only when those before held too few. Those of the next
weeks are each about as long as all before, so that few more are read than are wanted, and share one plan: planning a
span takes as long as reading it.
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
from events.search.query import Document, Query
from events.search.spans import spans_from
from meetinity_events.api.pagination import PageRequest

RANKED_AT_MOST = 250
COLUMNS = ("id", "start_date", "category", "tags", "is_virtual")
# OFFSET 0: the planner must not walk along the start dates in the hope of words that are not there.
# A week's span is asked for when those ahead of it are used up, and never behind the limit.
SEARCH_SQL = """
    WITH weeks AS MATERIALIZED (
        SELECT matching.* FROM unnest(%s::tsquery[]) WITH ORDINALITY AS spans (span, number)
        CROSS JOIN LATERAL (
            SELECT * FROM ({candidates} AND events.search @@ {query} AND events.search @@ span OFFSET 0) AS matching
            ORDER BY start_date, id LIMIT {enough}
        ) AS matching
        ORDER BY number LIMIT {enough}
    ),
    months AS MATERIALIZED (
        SELECT * FROM ({candidates} AND events.search @@ ({query} && %s::tsquery) OFFSET 0) AS matching
        WHERE (SELECT count(*) FROM weeks) < {enough} ORDER BY start_date, id LIMIT {enough}
    ),
    years AS MATERIALIZED (
        SELECT * FROM ({candidates} AND events.search @@ {query} AND events.start_date >= %s OFFSET 0) AS matching
        WHERE (SELECT count(*) FROM weeks) + (SELECT count(*) FROM months) < {enough}
        ORDER BY start_date, id LIMIT {enough}
    ),
    found AS MATERIALIZED (SELECT * FROM weeks UNION ALL SELECT * FROM months UNION ALL SELECT * FROM years),
    ranked AS MATERIALIZED (
        SELECT *, ts_rank(document, {query})::float8 AS rank FROM found ORDER BY start_date, id LIMIT {enough} - 1
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
    weeks, months, end = spans_from(since)
    candidates, values = events.order_by().values(*COLUMNS, document=Document()).query.sql_with_params()
    beyond, place = ("true", []) if page.cursor is None else (BEYOND, [*page.cursor[0], page.cursor[1]])
    sql = SEARCH_SQL.format(
        candidates=candidates, query=query.sql, enough=RANKED_AT_MOST + 1, beyond=beyond, facets=FACETS_SQL
    )
    words, start = query.values, page.start if page.cursor is None else 0
    spans = [weeks, *values, *words, *values, *words, months, *values, *words, end]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*spans, *words, *place, page.size + 1, start, list(suggestions)])
        total, hits, facets, suggested = cursor.fetchone()
    ordered = [Hit(UUID(event_id), rank, start_date) for event_id, rank, start_date in orjson.loads(hits or "[]")]
    return Found(total, RANKED_AT_MOST, ordered, orjson.loads(facets), suggested)
