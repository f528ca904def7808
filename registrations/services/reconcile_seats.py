"""Hold every event's counter of seats against its registrations, and set right what is not so."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from events.errors import EventNotFound
from events.models import Event
from events.services.seats import IS_OPEN_SQL, set_seats
from meetinity_events.retry import is_lost_race, retry_once
from registrations.cache import forget_seats_on_commit
from registrations.models import SeatCheck
from registrations.querysets import HOLDING_A_SEAT
from registrations.waitlist import promote_waiting

logger = logging.getLogger("event_service.seats")

BATCH_SIZE = 1000
# Counter and registrations in one statement, so in one snapshot: what is being registered meanwhile is no drift.
# LATERAL keeps the events apart: each is counted by an index, however many registrations there are in all.
COUNT_SQL = f"""
SELECT event.id, event.current_attendees, own.seats,
       CASE WHEN {IS_OPEN_SQL} AND (max_attendees IS NULL OR own.seats < max_attendees) THEN own.waiting ELSE 0 END
FROM (SELECT * FROM events WHERE {{chosen}}) AS event
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE registration.status = ANY(%(holding)s)) AS seats,
           count(*) FILTER (WHERE registration.status = 'waitlisted') AS waiting
    FROM event_registrations AS registration WHERE registration.event_id = event.id
) AS own
ORDER BY event.id
"""
NEXT_SQL = COUNT_SQL.format(chosen="id > %(after)s ORDER BY id LIMIT %(size)s")
ONE_SQL = COUNT_SQL.format(chosen="id = %(event_id)s")
BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SeatCount:
    """An event's `counter`, the registrations that hold a seat of it, and who waits although a seat is free."""

    event_id: UUID
    counter: int
    seats: int
    stranded: int

    @property
    def has_drifted(self) -> bool:
        """True when the counter lies, or somebody waits for nothing."""
        return self.counter != self.seats or self.stranded > 0


Report = Callable[[SeatCount, bool], object]


def reconcile_seats(*, is_fixing: bool = False, report: Report | None = None) -> SeatCheck:
    """Compare all events, BATCH_SIZE at a time; with `is_fixing` correct each one that drifted.

    Calls `report` for each of those, with whether it is right now, and stores what was found for `seat_drift`. Takes no
    lock to compare. Correcting owns a transaction an event, see `correct`. Calling it again finds only what remains.
    """
    events = drifted = corrected = 0
    for count in count_all():
        events += 1
        if not count.has_drifted:
            continue
        is_corrected = is_fixing and is_now_right(count.event_id)
        drifted, corrected = drifted + 1, corrected + is_corrected
        logger.error("seats drifted", extra={"event_id": str(count.event_id), "is_corrected": is_corrected})
        if report is not None:
            report(count, is_corrected)
    return SeatCheck.objects.create(events=events, drifted=drifted, corrected=corrected)


def count_all() -> Iterator[SeatCount]:
    """Every event in order of id, one batch in memory."""
    after = BEFORE_ALL
    while batch := count_seats(NEXT_SQL, after=after, size=BATCH_SIZE):
        yield from batch
        after = batch[-1].event_id


def count_seats(sql: str, **parameters: UUID | int) -> list[SeatCount]:
    """What one statement sees."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"holding": list(HOLDING_A_SEAT), **parameters})
        return [SeatCount(*row) for row in cursor.fetchall()]


def is_now_right(event_id: UUID) -> bool:
    """Correct an event; False also when its row stayed locked for LOCK_TIMEOUT_MILLISECONDS twice."""
    try:
        return correct(event_id)
    except OperationalError as error:
        if not is_lost_race(error):
            raise
        return False


@retry_once
def correct(event_id: UUID) -> bool:
    """Count once more behind the lock of the event's row, set the counter, and give free seats to who waits.

    False for an event with more registrations than seats, which only people can decide: nothing is changed then. Owns
    one transaction; locks the event's row, then the registrations'. Records event.registration.promoted. A repeat, an
    event that is right meanwhile, or one that is gone, changes nothing.
    """
    with transaction.atomic():
        try:
            event = Event.objects.lock(event_id)
        except EventNotFound:
            return True
        (count,) = count_seats(ONE_SQL, event_id=event_id)
        if event.max_attendees is not None and count.seats > event.max_attendees:
            return False
        set_seats(event, count.seats)
        forget_seats_on_commit(event.id, ())
        promote_waiting(event_id=event_id, at=timezone.now())
    return True
