"""Give up one's seat."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from events.services.seats import free_seat_sql
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from registrations.errors import EventStarted, RegistrationClosed, RegistrationNotFound
from registrations.messages import CANCELLED, message_sql
from registrations.models import Registration, RegistrationStatus

HAS_A_COMING_SEAT_SQL = """
    status = 'active' AND start_date > now() AND EXISTS (
        SELECT 1 FROM event_registrations
        WHERE event_id = %(event_id)s AND user_id = %(user_id)s AND status = 'registered'
    )
"""

CANCEL_SQL = f"""
WITH seat AS ({free_seat_sql(condition=HAS_A_COMING_SEAT_SQL)}),
registration AS (
    UPDATE event_registrations SET status = 'cancelled', updated_at = now() FROM seat
    WHERE event_id = seat.id AND user_id = %(user_id)s AND event_registrations.status = 'registered'
    RETURNING event_registrations.id, user_id
),
message AS ({message_sql(CANCELLED)})
SELECT (SELECT count(*) FROM registration), (SELECT count(*) FROM message)
"""


def cancel_registration(*, event_id: UUID, user_id: UUID, replay: ReplayKey | None = None) -> Registration:
    """Give the seat back and tell the world.

    Raises RegistrationNotFound, RegistrationClosed, EventStarted. Owns one transaction, which is one statement: seat,
    registration and message event.registration.cancelled. Locks the event's row, then the registration's.
    Calling it again for a cancelled registration changes nothing and returns it.
    """
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "user_id": user_id,
        "occurred_at": format_time(timezone.now()),
        **insert_params(),
    }
    with transaction.atomic():
        claim(replay, status=200, resource_id=event_id)
        with connection.cursor() as cursor:
            cursor.execute(CANCEL_SQL, parameters)
            registrations, _ = cursor.fetchone()
        if registrations:
            nudge_on_commit()
        else:  # nothing to give back; a seat that was freed beside a registration that its twin ended stays taken
            transaction.set_rollback(True)
    return cancelled_registration(event_id=event_id, user_id=user_id)


def cancelled_registration(*, event_id: UUID, user_id: UUID) -> Registration:
    """The registration as it stands now. Raises what kept it from being cancelled."""
    found = Registration.objects.of_user(user_id).filter(event_id=event_id).select_related("event")
    registration: Registration | None = found.first()
    if registration is None:
        raise RegistrationNotFound
    if registration.status == RegistrationStatus.CANCELLED:
        return registration
    if registration.event.start_date <= timezone.now():
        raise EventStarted
    raise RegistrationClosed
