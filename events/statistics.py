"""What is counted ahead: how materialised views are refreshed beside readers, and the platform's `event_stats`."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import now

from events.models import RefreshedView

EVENT_STATS = "event_stats"
TAKE_TURN_SQL = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 3))"
READ_SQL = """
    SELECT category, (month AT TIME ZONE 'UTC')::date, total_events, avg_attendees::float8 FROM event_stats
    WHERE month >= date_trunc('month', now(), 'UTC') - make_interval(months => %(months)s - 1)
      AND (%(category)s = '' OR category = %(category)s)
    ORDER BY month DESC, category
"""


@dataclass(frozen=True, slots=True)
class MonthOfCategory:
    """Active events of a category that were created in the month that begins on this day, UTC."""

    category: str
    month: date
    total_events: int
    avg_attendees: float


def refresh_view(name: str) -> bool:
    """Bring a materialised view up to date by its function `refresh_<name>()`, beside its readers.

    False, and nothing done, while somebody else is at it. One transaction, an advisory lock of the view's own.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_TURN_SQL, [name])
        if not cursor.fetchone()[0]:
            return False
        began_at = now()
        cursor.execute(f"SELECT refresh_{name}()")
        RefreshedView.objects.update_or_create(name=name, defaults={"refreshed_at": began_at})
    return True


def find_refreshed_at(name: str) -> datetime | None:
    """What the view says was true then, or later; None before the first time."""
    return RefreshedView.objects.filter(pk=name).values_list("refreshed_at", flat=True).first()


def read_event_stats(*, months: int, category: str = "") -> list[MonthOfCategory]:
    """The latest `months`, this one included, of one category or of all: latest first, then by name. One query."""
    with connection.cursor() as cursor:
        cursor.execute(READ_SQL, {"months": months, "category": category})
        return [MonthOfCategory(*row) for row in cursor.fetchall()]
