"""What is known of participation: one event day by day, and all of them counted ahead in `registration_stats`."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from events.statistics import EVENT_STATS, refresh_view
from registrations.trending import EVENT_TRENDS

REGISTRATION_STATS = "registration_stats"
VIEWS = (EVENT_STATS, REGISTRATION_STATS, EVENT_TRENDS)

# A registration counts on the day it was made, given up, checked in or found missing; who waits has not registered yet.
# Quarters of an hour, so that the days of any zone are whole: PostgreSQL need not know the zone by the name that we do.
SERIES_OF_EVENT_SQL = """
    WITH facts AS (
        SELECT date_bin('15 minutes', at, timestamptz '2000-01-01 00:00Z') AS quarter, kind
        FROM event_registrations CROSS JOIN LATERAL (VALUES
            ('registration', CASE WHEN status <> 'waitlisted' THEN registered_at END),
            ('cancellation', CASE WHEN status = 'cancelled' THEN updated_at END),
            ('attendance', CASE WHEN status = 'attended' THEN coalesce(checked_in_at, updated_at) END),
            ('no_show', CASE WHEN status = 'no_show' THEN updated_at END)
        ) AS fact (kind, at)
        WHERE event_id = %(event_id)s AND at IS NOT NULL
    )
    SELECT quarter,
           count(*) FILTER (WHERE kind = 'registration'), count(*) FILTER (WHERE kind = 'cancellation'),
           count(*) FILTER (WHERE kind = 'attendance'), count(*) FILTER (WHERE kind = 'no_show')
    FROM facts GROUP BY quarter ORDER BY quarter
"""
SERIES_SQL = """
    SELECT day, registrations, cancellations, attendance, no_shows FROM registration_stats
    WHERE day > (now() AT TIME ZONE 'UTC')::date - %(days)s::integer ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day; all of it may have happened to the same registration."""

    date: date
    registrations: int
    cancellations: int
    attendance: int
    no_shows: int


def refresh_views() -> dict[str, bool]:
    """Bring every view up to date, each in a transaction of its own; False for one that somebody else refreshes."""
    return {view: refresh_view(view) for view in VIEWS}


def read_series_of_event(event_id: UUID, *, timezone: str) -> list[Day]:
    """One event as it is now, by the days of its own time zone; days without anything are left out. One query.

    It reads the event's registrations, at most some ten thousand rows.
    """
    zone, figures = ZoneInfo(timezone), dict[date, list[int]]()
    for quarter, *counts in fetch(SERIES_OF_EVENT_SQL, event_id=event_id):
        day = quarter.astimezone(zone).date()
        figures[day] = [known + more for known, more in zip(figures.get(day, (0, 0, 0, 0)), counts, strict=True)]
    return [Day(day, *counts) for day, counts in figures.items()]


def read_series(*, days: int) -> list[Day]:
    """All events over the latest `days` of UTC, today included, as of the last refresh; empty days are left out."""
    return [Day(*row) for row in fetch(SERIES_SQL, days=days)]


def fetch(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def rate(part: int, rest: int) -> float | None:
    """The share of `part` in both together, to three places; None of nothing."""
    return round(part / (part + rest), 3) if part + rest else None
