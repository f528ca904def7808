"""Sends the outbox to matching-service: one sender at a time, which marks what was answered and puts off the rest."""

import logging
import math
import random
import time
from collections import deque
from collections.abc import Sequence

from django.core.cache import cache
from django.db.backends.utils import CursorWrapper

from integrations.matching.calls import Call, Row, merge
from integrations.matching.client import Answer, Outcome, tell_attendance
from integrations.outbox.one_sender import ask, own_connection
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.matching")

# The name of the lock in this database: "one sender to matching-service".
LOCK = "hashtextextended('meetinity.outbox.matching', 0)"
WAITING = "destination = 'matching' AND published_at IS NULL AND parked_at IS NULL"
DUE = f"FROM outbox_messages WHERE {WAITING} AND (retry_at IS NULL OR retry_at <= now())"
ROWS_AT_ONCE = 200
# A run ends before beat asks for the next one, and before a worker that was told to stop is killed.
RUN_SECONDS = 15.0
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 3600.0
GIVEN_UP_AFTER = "interval '24 hours'"
TRIES_BEFORE_GIVING_UP = 5
# While this is in the cache, the service has asked for patience.
RESTING_KEY = "matching:resting"


def tell_matching() -> int:
    """Tell what is due, oldest first, for about 15 s; returns how many rows were told.

    Zero at once while another sender works or the service has asked for patience. Ends after the first call that met
    nobody, so that a dead service costs one timeout. Safe to repeat and to kill: what was told and not yet marked is
    told again.
    """
    if cache.get(RESTING_KEY):
        return 0
    with own_connection() as cursor:
        if not ask(cursor, f"SELECT EXISTS (SELECT {DUE})") or not ask(cursor, f"SELECT pg_try_advisory_lock({LOCK})"):
            return 0
        told = drain(cursor, time.monotonic() + RUN_SECONDS)
        # A closed connection gives the lock back too, but only once the server has noticed.
        ask(cursor, f"SELECT pg_advisory_unlock({LOCK})")
        return told


def drain(cursor: CursorWrapper, end: float) -> int:
    """Call after call until nothing is due, the service is away or `end` (monotonic) has come."""
    told = 0
    while rows := fetch(cursor):
        calls = deque(merge(rows))
        while calls:
            if time.monotonic() >= end:
                return told
            call = calls.popleft()
            answer = tell_attendance(call.body, call.headers)
            if answer.outcome == Outcome.REFUSED and len(call.rows) > 1:
                calls.extendleft(reversed(call.split()))  # of these, park only what is refused alone
                continue
            settle(cursor, call, answer)
            if answer.outcome == Outcome.AWAY:
                return told
            told += len(call.rows) if answer.outcome == Outcome.OK else 0
    return told


def fetch(cursor: CursorWrapper) -> list[Row]:
    """The oldest rows that are due."""
    cursor.execute(f"SELECT id, key, payload, headers, attempts {DUE} ORDER BY id LIMIT %s", [ROWS_AT_ONCE])
    return [Row(*values) for values in cursor.fetchall()]


def settle(cursor: CursorWrapper, call: Call, answer: Answer) -> None:
    """Mark the rows of a call by its answer."""
    if answer.outcome == Outcome.OK:
        mark = "published_at = now(), retry_at = NULL, error = ''"
        cursor.execute(f"UPDATE outbox_messages SET {mark} WHERE id = ANY(%s)", [call.ids])
    elif answer.outcome in (Outcome.MISSING, Outcome.REFUSED):
        park(cursor, call, answer)
    else:
        put_off(cursor, call, answer)


def park(cursor: CursorWrapper, call: Call, answer: Answer) -> None:
    """Give a call up and keep it, with the reason.

    That a matching-service does not have the call alarms nobody: such is the platform today.
    """
    cursor.execute(
        "UPDATE outbox_messages SET parked_at = now(), attempts = %s, retry_at = NULL, error = %s WHERE id = ANY(%s)",
        [call.attempts, answer.detail, call.ids],
    )
    facts = {"event_id": call.rows[0].key, "messages": len(call.rows), "error": answer.detail}
    if answer.outcome == Outcome.MISSING:
        logger.info("matching-service does not have the call", extra=facts)
    else:
        metrics.OUTBOX_PARKED.inc(len(call.rows))
        logger.error("attendance refused and parked", extra=facts)


def put_off(cursor: CursorWrapper, call: Call, answer: Answer) -> None:
    """Try the call again later, or no more when it has been tried for a day."""
    delay = max(delay_seconds(call.attempts), answer.retry_after_seconds)
    cursor.execute(
        "UPDATE outbox_messages SET attempts = %s, retry_at = now() + make_interval(secs => %s), error = %s "
        "WHERE id = ANY(%s)",
        [call.attempts, delay, answer.detail, call.ids],
    )
    facts = {"event_id": call.rows[0].key, "attempts": call.attempts, "error": answer.detail}
    logger.warning("attendance not told, tried again later", extra=facts)
    is_away = answer.outcome == Outcome.AWAY
    if is_away and answer.retry_after_seconds > 0:
        cache.set(RESTING_KEY, 1, timeout=math.ceil(answer.retry_after_seconds))
    if call.attempts >= TRIES_BEFORE_GIVING_UP:
        give_up(cursor, None if is_away else call.ids)


def delay_seconds(attempts: int) -> float:
    """How long to wait after that many failures: 5 s, 5 to 10, 10 to 20, and so on, at last 30 to 60 minutes."""
    longest = min(FIRST_DELAY_SECONDS * 2.0 ** min(attempts - 1, 20), LONGEST_DELAY_SECONDS)
    return random.uniform(max(longest / 2, FIRST_DELAY_SECONDS), longest)  # noqa: S311


def give_up(cursor: CursorWrapper, ids: Sequence[int] | None) -> None:
    """Park what has waited for a day: of these rows, or of all when the service is away for everybody."""
    chosen = "" if ids is None else "AND id = ANY(%s)"
    cursor.execute(
        "UPDATE outbox_messages SET parked_at = now(), retry_at = NULL, error = 'not told for a day: ' || error "
        f"WHERE {WAITING} AND created_at <= now() - {GIVEN_UP_AFTER} {chosen}",
        [] if ids is None else [list(ids)],
    )
    if cursor.rowcount:
        metrics.OUTBOX_PARKED.inc(cursor.rowcount)
        logger.error("attendance not told for a day and parked", extra={"messages": cursor.rowcount})
