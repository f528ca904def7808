"""The list of events as SQL of constant pieces: what a filter adds, what a sort orders by, one page, the bounded total.

A value never becomes part of the text, so that the same question is the same prepared statement. `EventFilters` says
the same as a query set, for the questions that are asked less often; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.rows import COLUMNS, COLUMNS_SQL
from events.status import EventStatus
from meetinity_events.api.pagination import Ordering, PageRequest
from meetinity_events.prepared import fetch_all

CONDITIONS = {
    "category": "category = %(category)s",
    "category_id": "category_id = %(category_id)s",
    "created_by": "created_by = %(created_by)s",
    "is_free": "(price = 0) = %(is_free)s",
    "is_virtual": "is_virtual = %(is_virtual)s",
    "price_max": "price <= %(price_max)s",
    "start_after": "start_date >= %(start_after)s",
    "start_before": "start_date < %(start_before)s",
    "status": "status = %(status)s",
}
"""By the name of the parameter that it belongs to."""
IS_ACTIVE = f"status = '{EventStatus.ACTIVE}'"
IS_UPCOMING = "start_date >= %(now)s"
CURSOR_TYPES = {"start_date": "timestamptz", "created_at": "timestamptz", "popularity": "integer"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which events: SQL, and the values that it names."""

    where: str
    values: Mapping[str, Any]

    def count(self, limit: int) -> int:
        """How many, counted no further than one past the limit."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM events WHERE {self.where} LIMIT {limit + 1}) AS found"
        ((total,),) = fetch_all(sql, self.values)
        return int(total)

    def rows(self, page: PageRequest, ordering: Ordering) -> list[tuple[Any, ...]]:
        """Up to size + 1 rows of `columns()`; the one too many says that there is more."""
        direction = "DESC" if ordering.descending else "ASC"
        where, values, offset = self.where, self.values, ""
        if page.cursor is not None:
            where = f"{where} AND {beyond_sql(ordering)}"
            values = {**values, "cursor_value": page.cursor[0], "cursor_id": page.cursor[1]}
        elif page.start:
            offset, values = " OFFSET %(start)s", {**values, "start": page.start}
        return fetch_all(
            f"SELECT {', '.join([COLUMNS_SQL, *hidden_column(ordering)])} FROM events WHERE {where}"
            f" ORDER BY {ordering.column} {direction}, id {direction} LIMIT {page.size + 1}{offset}",
            values,
        )

    @staticmethod
    def columns(ordering: Ordering) -> tuple[str, ...]:
        """The names of what a row holds: the COLUMNS, then the one that orders them unless it is among these."""
        return COLUMNS + hidden_column(ordering)


def hidden_column(ordering: Ordering) -> tuple[str, ...]:
    """What orders the rows without being shown."""
    return () if ordering.column in COLUMNS else (ordering.column,)


def beyond_sql(ordering: Ordering) -> str:
    """The rows behind the cursor."""
    step, kind = "<" if ordering.descending else ">", CURSOR_TYPES[ordering.column]
    return f"({ordering.column}, id) {step} (%(cursor_value)s::{kind}, %(cursor_id)s::uuid)"


def make_listing(given: Mapping[str, Any], ordering: Ordering, now: datetime) -> Listing:
    """The public events that fit `given`, parameters of CONDITIONS with their values.

    Without a status the active ones; without a window those that have not started, unless sorted by age.
    """
    conditions = [CONDITIONS[name] for name in given]
    if "status" not in given:
        conditions.append(IS_ACTIVE)
    if ordering.name == "recent" or given.keys() & {"start_after", "start_before"}:
        return Listing(" AND ".join(conditions), given)
    return Listing(" AND ".join([*conditions, IS_UPCOMING]), {**given, "now": now})
