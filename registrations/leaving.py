"""The statement by which one person leaves many events: their seats, registrations and messages, or none of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from events.services.seats import IS_OPEN_SQL, LOCK_IDLE_SQL, free_seat_of_each_sql
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from meetinity_events.retry import retry_once
from registrations.cache import forget_events_on_commit
from registrations.messages import CANCELLED, message_sql

# Where somebody waits, whoever leaves has to let them move up: that is an event's own affair.
IS_LEFT_SQL = f"""
    {IS_OPEN_SQL} AND EXISTS (
        SELECT 1 FROM event_registrations AS own
        WHERE own.event_id = events.id AND own.user_id = %(user_id)s AND own.status = 'registered'
    ) AND NOT EXISTS (
        SELECT 1 FROM event_registrations AS other WHERE other.event_id = events.id AND other.status = 'waitlisted'
    )
"""
# A registration that ended beside its event's lock leaves a seat too many, and the division undoes everything.
LEAVE_SQL = f"""
WITH seat AS ({free_seat_of_each_sql(condition=IS_LEFT_SQL)}),
registration AS (
    UPDATE event_registrations SET status = 'cancelled', updated_at = now() FROM seat
    WHERE event_id = seat.id AND user_id = %(user_id)s AND event_registrations.status = 'registered'
    RETURNING event_registrations.id, user_id, event_id
),
message AS ({
    message_sql(
        CANCELLED,
        source="registration JOIN seat ON seat.id = registration.event_id",
        order_by="seat.id",
    )
})
SELECT id, 1 / ((SELECT count(*) FROM seat) = (SELECT count(*) FROM message))::int FROM seat
"""


@retry_once
def leave_idle_events(*, event_ids: Sequence[UUID], user_id: UUID) -> set[UUID]:
    """Give the user's seats back at those of the events where nobody waits and whose rows nobody holds; returns which.

    Owns one transaction of two statements: the rows of the events in order of their ids, those that are held passed
    over; then the seats, the registrations and a message event.registration.cancelled each. Raises DataError, and
    nothing has changed, when one of the registrations ended at the same moment.
    """
    parameters: dict[str, Any] = {
        "event_ids": list(event_ids),
        "user_id": user_id,
        "occurred_at": format_time(timezone.now()),
        **insert_params(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_IDLE_SQL, parameters)
        parameters["event_ids"] = [event_id for (event_id,) in cursor.fetchall()]
        cursor.execute(LEAVE_SQL, parameters)
        left = {event_id for event_id, _ in cursor.fetchall()}
        if left:
            nudge_on_commit()
            forget_events_on_commit(left, user_id)
    return left
