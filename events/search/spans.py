"""Spans of time that the index of the search knows, so that it finds the soonest of very many events by itself.

`event_spans()` in the database writes the day, the week and the eight weeks of an event's start beside its words.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

DAY, WEEK, EIGHT_WEEKS = 1, 7, 56
LETTERS = {DAY: "d", WEEK: "w", EIGHT_WEEKS: "q"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9990, 1, 1, tzinfo=UTC)


def spans_from(moment: datetime) -> tuple[list[str], datetime]:
    """Tsqueries for one span after the other from the moment's day on, about as long as all before; and their end."""
    first = (min(moment, LATEST) - EPOCH).days
    weeks = next_start(first + 16, WEEK)
    months = next_start(weeks + 4 * WEEK, EIGHT_WEEKS)
    days = (first, first + 1, first + 2, first + 4, first + 8, weeks, months, months + 2 * EIGHT_WEEKS)
    return [" | ".join(cover(*edges)) for edges in pairwise(days)], EPOCH + timedelta(days=days[-1])


def next_start(day: int, size: int) -> int:
    """The first day of the span of that size that begins on this day or next."""
    return -(-day // size) * size


def cover(day: int, end: int) -> Iterator[str]:
    """The fewest spans from one day to another, as lexemes."""
    while day < end:
        size = next(size for size in (EIGHT_WEEKS, WEEK, DAY) if day % size == 0 and day + size <= end)
        yield f"'@{LETTERS[size]}{day // size}'"
        day += size
