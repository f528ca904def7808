"""Pages of a list: by signed keyset cursor, which does not drift while rows come and go, by number, or by offset."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet

from meetinity_events.errors import InvalidFields

COUNT_LIMIT = 10_000
CURSOR_SALT = "cursor"
M = TypeVar("M", bound=Model)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ordering:
    """A total order: one column and then the id, both in the same direction. `name` is the client's word for it.

    `is_distance`: the column is the distance to a point, which an index has in order.
    """

    name: str
    column: str
    descending: bool = False
    is_distance: bool = False

    @property
    def terms(self) -> tuple[str, str]:
        """For `order_by`."""
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}id"

    def beyond(self, value: Any, row_id: str) -> Q:
        """The rows that come after the one with this value and id; the first term lets an index find the place."""
        step = "lt" if self.descending else "gt"
        return Q(**{f"{self.column}__{step}e": value}) & (
            Q(**{f"{self.column}__{step}": value}) | Q(**{f"id__{step}": row_id})
        )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which rows: `size` of them from `start`, or behind `cursor`; `by_offset`: asked by limit and offset."""

    size: int
    start: int
    cursor: tuple[str, str] | None
    by_offset: bool

    @property
    def number(self) -> int:
        """The page that `start` lies on, from 1."""
        return self.start // self.size + 1


def read_page_request(params: Mapping[str, str], ordering: Ordering) -> PageRequest:
    """Raises InvalidFields for a number out of range, a mix of ways, or a cursor not ours or of another sort."""
    given = {name for name, value in params.items() if value}
    by_offset = bool(given & {"limit", "offset"})
    if by_offset and given & {"page", "page_size", "cursor"}:
        raise InvalidFields(details={"offset": ["Give limit and offset, or a page, or a cursor; not several."]})
    if {"cursor", "page"} <= given:
        raise InvalidFields(details={"cursor": ["Give a cursor or a page, not both."]})
    asked = read_whole(params, "limit" if by_offset else "page_size", settings.DEFAULT_PAGE_SIZE)
    size = min(asked, settings.MAX_PAGE_SIZE)
    start = read_whole(params, "offset", 0, lowest=0) if by_offset else (read_whole(params, "page", 1) - 1) * size
    cursor = read_cursor(params["cursor"], ordering) if "cursor" in given else None
    return PageRequest(size, start, cursor, by_offset)


def read_whole(params: Mapping[str, str], name: str, default: int, *, lowest: int = 1) -> int:
    """A whole number of at most nine digits."""
    text = params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= lowest):
        raise InvalidFields(details={name: [f"This must be a whole number from {lowest}."]})
    return int(text)


def read_cursor(text: str, ordering: Ordering) -> tuple[str, str]:
    """The value and the id that the cursor stands behind."""
    try:
        sort, value, row_id = signing.loads(text, salt=CURSOR_SALT)
        if sort != ordering.name:
            raise InvalidFields(details={"cursor": ["This cursor belongs to another sort."]})
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidFields(details={"cursor": ["This is not a cursor of this list."]}) from error
    return value, row_id


def write_cursor(row: Row, ordering: Ordering) -> str:
    """The cursor that stands behind `row`."""
    value = row[ordering.column]
    text = value.isoformat() if hasattr(value, "isoformat") else value
    return signing.dumps([ordering.name, text, str(row["id"])], salt=CURSOR_SALT)


def read_rows(
    queryset: "QuerySet[M]", page: PageRequest, ordering: Ordering, columns: tuple[str, ...], total: int | None
) -> list[Row]:
    """Up to size + 1 rows as dictionaries; the one too many says that there is more. `total`: None if inexact."""
    ordered = queryset.order_by(*ordering.terms)
    if page.cursor is not None:
        try:
            ordered = ordered.filter(ordering.beyond(*page.cursor))
        except ValidationError as error:
            raise InvalidFields(details={"cursor": ["This is not a cursor of this list."]}) from error
        start = 0
    else:
        start = page.start
        if total is not None and start >= total:
            return []
    if ordering.is_distance:
        if start > COUNT_LIMIT:
            return []
        ordered = keep_nearest(ordered, ordering, start + page.size + 1)
    return list(ordered.values(*columns)[start : start + page.size + 1])


def keep_nearest(queryset: "QuerySet[M]", ordering: Ordering, count: int) -> "QuerySet[M]":
    """The rows of the first `count` in the order, and those as far away as the last of them. One query.

    PostgreSQL 15 reads the nearest from an index only when nothing else is ordered by, not even the id. Further than
    COUNT_LIMIT leads a cursor alone.
    """
    sql, values = queryset.order_by(ordering.column).values("id", ordering.column).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FETCH FIRST {count} ROWS WITH TIES", values)
        ids = [row[0] for row in cursor.fetchall()]
    return queryset.filter(pk__in=ids)


def count_rows(queryset: "QuerySet[M]", limit: int) -> int:
    """The number of rows, counted no further than one past the limit."""
    return queryset.order_by()[: limit + 1].count()


def read_page(
    queryset: "QuerySet[M]",
    params: Mapping[str, str],
    ordering: Ordering,
    columns: tuple[str, ...],
    *,
    count_limit: int | None = None,
    many: "QuerySet[M] | None" = None,
    count: Callable[[Any, int], int] = count_rows,
) -> tuple[list[Row], Row]:
    """The rows of the requested page and the paging part of the answer. Two queries.

    The total is exact up to `count_limit`, COUNT_LIMIT unless said; `count` may know a better way to count so far.
    `many` asks for the same rows in a way that is faster where there are more.
    """
    page = read_page_request(params, ordering)
    limit = COUNT_LIMIT if count_limit is None else count_limit
    total = count(queryset, limit)
    is_exact = total <= limit
    chosen = queryset if is_exact or many is None else many
    rows = read_rows(chosen, page, ordering, columns, total if is_exact else None)
    has_more, rows = len(rows) > page.size, rows[: page.size]
    return rows, paging_of(page, ordering, total, limit, rows[-1] if has_more else None)


def paging_of(page: PageRequest, ordering: Ordering, total: int, limit: int, last: Row | None) -> Row:
    """The paging part of an answer: `total` was counted up to `limit`, `last` is the last row if there are more."""
    has_more = last is not None
    paging: Row = {
        "total": min(total, limit),
        "total_relation": "gte" if total > limit else "eq",
        "page": page.number,
        "page_size": page.size,
        "has_more": has_more,
        "next_cursor": None if last is None else write_cursor(last, ordering),
    }
    if page.by_offset:
        next_offset = page.start + page.size if has_more else None
        paging |= {"limit": page.size, "offset": page.start, "next_offset": next_offset}
    return paging
