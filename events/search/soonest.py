"""The soonest of the events that the index `search` finds, by looking at few more than are wanted.

They are looked for in one span of time after the other, each about as long as all before and read only when those held
too few. The spans of the next months share one plan: planning one takes as long as reading it.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from events.models import Event
from events.search.spans import spans_from

# OFFSET 0: the planner must not walk along the start dates in the hope of words that are not there.
# A span is asked for when those ahead of it are used up, and never behind the limit.
SOONEST_SQL = """
    soon AS MATERIALIZED (
        SELECT matching.* FROM unnest(%s::tsquery[]) WITH ORDINALITY AS spans (span, number)
        CROSS JOIN LATERAL (
            SELECT * FROM ({candidates} AND events.search @@ span OFFSET 0) AS matching
            ORDER BY start_date, id LIMIT {enough}
        ) AS matching
        ORDER BY number LIMIT {enough}
    ),
    later AS MATERIALIZED (
        SELECT * FROM ({candidates} AND events.start_date >= %s OFFSET 0) AS matching
        WHERE (SELECT count(*) FROM soon) < {enough} ORDER BY start_date, id LIMIT {enough}
    ),
    found AS MATERIALIZED (SELECT * FROM soon UNION ALL SELECT * FROM later)
"""


def write_soonest(matching: QuerySet[Event, Any], *, since: datetime, limit: int) -> tuple[str, list[Any]]:
    """The table expression `found` with all that it needs, and its values.

    It holds the columns of `matching`, which has conditions, `start_date` and `id`, and nothing before `since`: more
    rows than `limit` where there are more.
    """
    spans, end = spans_from(since)
    candidates, values = matching.order_by().query.sql_with_params()
    sql = SOONEST_SQL.format(candidates=candidates, enough=limit + 1)
    return sql, [spans, *values, *values, end]


def count_soonest(matching: QuerySet[Event], *, since: datetime, limit: int) -> int:
    """How many there are, counted not much further than `limit`."""
    soonest, values = write_soonest(matching.values("id", "start_date"), since=since, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {soonest} SELECT count(*) FROM found", values)
        return int(cursor.fetchone()[0])
