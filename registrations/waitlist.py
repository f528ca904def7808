"""Who waits for a seat, in which order, and how they get one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from events.services.seats import FREE_SEATS_SQL, take_seats_sql
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from registrations.cache import forget_seats_on_commit
from registrations.messages import PROMOTED, message_sql

NEXT_NUMBER_SQL = "nextval('event_registrations_waitlist_number_seq')"

PROMOTE_SQL = f"""
WITH free AS ({FREE_SEATS_SQL}),
first_come AS (
    SELECT id FROM event_registrations
    WHERE event_id = %(event_id)s AND status = 'waitlisted' AND EXISTS (SELECT 1 FROM free)
    ORDER BY waitlist_number LIMIT (SELECT seats FROM free)
),
seat AS ({take_seats_sql(count="(SELECT count(*) FROM first_come)")}),
registration AS (
    UPDATE event_registrations SET status = 'registered', registered_at = now(), updated_at = now()
    FROM seat WHERE event_registrations.id IN (SELECT id FROM first_come)
    RETURNING event_registrations.id, user_id, waitlist_number
),
message AS ({message_sql(PROMOTED, order_by="registration.waitlist_number")})
SELECT user_id FROM registration
"""


def promote_waiting(*, event_id: UUID, at: datetime) -> int:
    """Give every free seat to the first who wait, and tell the world. Returns how many moved up.

    Part of the transaction that freed the seats: it holds the lock of the event's row, behind which people also join
    and leave the waitlist, and this is a statement of its own because it has to see who joined before the lock came.
    """
    parameters: dict[str, Any] = {"event_id": event_id, "occurred_at": format_time(at), **insert_params()}
    with connection.cursor() as cursor:
        cursor.execute(PROMOTE_SQL, parameters)
        promoted = [user_id for (user_id,) in cursor.fetchall()]
    if promoted:
        nudge_on_commit()
        forget_seats_on_commit(event_id, promoted)
    return len(promoted)
