"""The statement that stores a registration: the place, the row, the message and the claim of its key, or nothing."""

from typing import Any

from django.db import DataError
from psycopg.errors import DivisionByZero

from events.services.seats import LOCK_SQL, find_full_sql, take_seat_sql
from integrations.gateway.idempotency import IS_FREE_SQL, claim_sql
from integrations.users.profiles import NOT_REMOVED_SQL
from meetinity_events.prepared import run_together
from registrations.limits import HAS_ROOM_FOR_MORE_SQL, MOST_TIMES, TURN_SQL
from registrations.messages import CREATED, WAITLISTED, message_sql
from registrations.waitlist import NEXT_NUMBER_SQL

STORED = ("id", "event_id", "user_id", "status", "waitlist_number", "times_registered", "registered_at", "updated_at")
MAY_REGISTER_SQL = f"""
    registration_form IS NOT DISTINCT FROM %(form)s::jsonb
    AND {NOT_REMOVED_SQL} AND {HAS_ROOM_FOR_MORE_SQL} AND {IS_FREE_SQL} AND NOT EXISTS (
        SELECT 1 FROM event_registrations AS own
        WHERE own.event_id = %(event_id)s AND own.user_id = %(user_id)s
          AND (own.status <> 'cancelled' OR own.times_registered >= {MOST_TIMES})
    )
"""
# What cannot be whole is undone by an error: a seat without a registration, a registration whose key somebody else has.
STORE_SQL = f"""
WITH seat AS ({{seat}}),
registration AS (
    INSERT INTO event_registrations AS stored
        (id, event_id, user_id, status, waitlist_number, registration_data, registered_at, updated_at)
    SELECT %(registration_id)s, seat.id, %(user_id)s, '{{state}}', {{number}}, %(registration_data)s::jsonb,
        now(), now()
    FROM seat
    ON CONFLICT (event_id, user_id) DO UPDATE
    SET status = excluded.status, waitlist_number = excluded.waitlist_number,
        times_registered = stored.times_registered + 1,
        registration_data = excluded.registration_data, registered_at = now(), updated_at = now()
    WHERE stored.status = 'cancelled'
    RETURNING {", ".join(STORED)}
),
message AS ({{message}}),
claim AS ({{claim}})
SELECT registration.*, 1 / (EXISTS (SELECT 1 FROM message)
                            AND (%(replay_key)s::text IS NULL OR EXISTS (SELECT 1 FROM claim)))::int
FROM seat LEFT JOIN registration ON true
"""
REGISTER_SQL = STORE_SQL.format(
    seat=take_seat_sql(condition=MAY_REGISTER_SQL),
    state="registered",
    number="NULL",
    message=message_sql(CREATED),
    claim=claim_sql(status=201, resource_sql="event_id", source="registration"),
)
WAIT_SQL = STORE_SQL.format(
    seat=find_full_sql(condition=MAY_REGISTER_SQL),
    state="waitlisted",
    number=NEXT_NUMBER_SQL,
    message=message_sql(WAITLISTED),
    claim=claim_sql(status=202, resource_sql="event_id", source="registration"),
)


def take_place(parameters: dict[str, Any], *, may_wait: bool) -> tuple[Any, ...] | None:
    """What was stored, committed unless the caller has a transaction open; None where nothing was."""
    locks, statements = [TURN_SQL], [REGISTER_SQL]
    if may_wait:  # nobody gives a seat back between the two statements, and the second finds the first one's row
        locks, statements = [TURN_SQL, LOCK_SQL], [REGISTER_SQL, WAIT_SQL]
    try:
        rows = run_together(locks=locks, statements=statements, parameters=parameters)
    except DataError as error:
        if isinstance(error.__cause__, DivisionByZero):
            return None
        raise
    return rows[0] if rows else None
