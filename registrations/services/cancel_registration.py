"""Give up one's seat, or one's place on the waitlist."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from events.models import Event
from events.services.seats import IS_OPEN_SQL, free_seat_sql
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from meetinity_events.retry import retry_once
from registrations.cache import forget_seats_on_commit
from registrations.errors import EventStarted, RegistrationClosed, RegistrationNotFound
from registrations.messages import CANCELLED, message_sql
from registrations.models import Registration, RegistrationStatus
from registrations.querysets import EXPECTANT
from registrations.waitlist import promote_waiting

# `held` is the state that the registration has to be in.
IS_HELD_SQL = f"""
    {IS_OPEN_SQL} AND EXISTS (
        SELECT 1 FROM event_registrations
        WHERE event_id = %(event_id)s AND user_id = %(user_id)s AND status = '{{held}}'
    )
"""
END_SQL = f"""
WITH seat AS ({{seat}}),
registration AS (
    UPDATE event_registrations SET status = 'cancelled', updated_at = now() FROM seat
    WHERE event_id = seat.id AND user_id = %(user_id)s AND event_registrations.status = '{{held}}'
    RETURNING event_registrations.id, user_id
),
message AS ({message_sql(CANCELLED)})
SELECT EXISTS (SELECT 1 FROM seat), EXISTS (SELECT 1 FROM registration), EXISTS (SELECT 1 FROM message)
"""
CANCEL_SQL = END_SQL.format(seat=free_seat_sql(condition=IS_HELD_SQL.format(held="registered")), held="registered")
LEAVE_SQL = END_SQL.format(
    seat=f"SELECT id, category, tags FROM events WHERE id = %(event_id)s AND {IS_HELD_SQL.format(held='waitlisted')}",
    held="waitlisted",
)


class EndedMeanwhileError(Exception):
    """A seat was given back beside a registration that somebody else had just ended."""


@retry_once
def cancel_registration(*, event_id: UUID, user_id: UUID, replay: ReplayKey | None = None) -> Registration:
    """Give the seat to the first who waits, or back; or leave the waitlist. Tell the world.

    Raises RegistrationNotFound, RegistrationClosed, EventStarted. Owns one transaction: a statement for the seat, the
    registration and the message event.registration.cancelled, then one for whoever moves up. Locks the event's row,
    then the registrations'. Calling it again for a cancelled registration changes nothing and returns it.
    """
    now = timezone.now()
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "user_id": user_id,
        "occurred_at": format_time(now),
        **insert_params(),
    }
    with suppress(EndedMeanwhileError), transaction.atomic():
        claim(replay, status=200, resource_id=event_id)
        if end(CANCEL_SQL, parameters) or leave_waitlist(parameters):
            promote_waiting(event_id=event_id, at=now)
            nudge_on_commit()
            forget_seats_on_commit(event_id, [user_id])
        else:
            transaction.set_rollback(True)  # nothing was given back, so the key is free again
    return cancelled_registration(event_id=event_id, user_id=user_id)


def end(sql: str, parameters: dict[str, Any]) -> bool:
    """True when the statement ended the registration. Raises EndedMeanwhileError, which undoes the seat's UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        is_seat_found, is_ended, _ = cursor.fetchone()
    if is_seat_found and not is_ended:
        raise EndedMeanwhileError
    return bool(is_ended)


def leave_waitlist(parameters: dict[str, Any]) -> bool:
    """Ends the place on the waitlist, or the seat that it became between the statements before the event's lock."""
    own = Registration.objects.of_user(parameters["user_id"]).filter(event_id=parameters["event_id"])
    if not own.filter(status__in=EXPECTANT).exists():
        return False
    Event.objects.lock(parameters["event_id"])
    return end(LEAVE_SQL, parameters) or end(CANCEL_SQL, parameters)


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
