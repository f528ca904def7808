"""The yearly partitions of `events`: a UUIDv7 begins with its creation time, so a range of ids is a range of time."""

import time
from datetime import UTC, datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone

ATTEMPTS = 20
PAUSE_SECONDS = 0.25
LOCK_NOT_AVAILABLE = "55P03"
# Room on each page for the next version of a row, so that a seat stays a HOT update; set on each partition because
# PostgreSQL refuses it on the parent.
STORAGE = "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02"


def lowest_id(year: int) -> UUID:
    """The smallest UUIDv7 of a year (UTC): its milliseconds in the first 48 bits, zeros behind."""
    milliseconds = int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def add_partition(year: int) -> bool:
    """Create `events_<year>` with bounds [its first id, the next year's first id). False when it is there already.

    Raises django.db.IntegrityError while the default partition holds rows of that year.
    """
    name = f"events_{year}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        if cursor.fetchone()[0]:
            return False
        cursor.execute(
            f"CREATE TABLE {name} PARTITION OF events "
            f"FOR VALUES FROM ('{lowest_id(year)}') TO ('{lowest_id(year + 1)}') WITH ({STORAGE})"
        )
    return True


def ensure_partitions(*, ahead: int) -> list[str]:
    """Make the partitions of this year and of `ahead` more; returns the names of the new ones. A repeat makes none.

    Waits 500 ms at a time for the parent's lock, which any open reader holds, and lets others pass in between.
    """
    this_year = timezone.now().year
    return [f"events_{year}" for year in range(this_year, this_year + ahead + 1) if add_patiently(year)]


def add_patiently(year: int) -> bool:
    """`add_partition` in a transaction of its own, repeated while the lock does not come."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
                return add_partition(year)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE or attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
    return False
