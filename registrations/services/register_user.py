"""Register a user for an event."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from events.models import Event
from events.services.seats import take_seat_sql
from events.status import EventStatus
from integrations.errors import RequestInProgress
from integrations.gateway.idempotency import IS_FREE_SQL, ReplayKey, claim_params, claim_sql
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from integrations.users.client import require_active_user
from integrations.users.profiles import NOT_REMOVED_SQL, require_not_removed
from meetinity_events.api.principal import Principal
from meetinity_events.errors import DomainError
from meetinity_events.observability import metrics
from registrations.errors import AlreadyRegistered, EventFull, EventStarted, RegistrationClosed
from registrations.messages import CREATED, message_sql
from registrations.models import Registration

STORED = ("id", "event_id", "user_id", "status", "registered_at", "updated_at")
REGISTER_SQL = f"""
WITH seat AS ({take_seat_sql(condition=f"{NOT_REMOVED_SQL} AND {IS_FREE_SQL}")}),
registration AS (
    INSERT INTO event_registrations (id, event_id, user_id, status, registration_data, registered_at, updated_at)
    SELECT %(registration_id)s, seat.id, %(user_id)s, 'registered', %(registration_data)s, now(), now() FROM seat
    ON CONFLICT (event_id, user_id) DO UPDATE
    SET status = 'registered', registration_data = excluded.registration_data, registered_at = now(), updated_at = now()
    WHERE event_registrations.status = 'cancelled'
    RETURNING {", ".join(STORED)}
),
message AS ({message_sql(CREATED)}),
claim AS ({claim_sql(status=201, resource_sql="event_id", source="registration")})
SELECT registration.*, %(replay_key)s::text IS NULL OR EXISTS (SELECT 1 FROM claim)
FROM registration CROSS JOIN message
"""


def register_user(
    *,
    event_id: UUID,
    user: Principal,
    registration_data: dict[str, Any] | None = None,
    replay: ReplayKey | None = None,
) -> Registration:
    """Take a seat for the user and tell the world.

    Raises EventNotFound, EventFull, AlreadyRegistered, RegistrationClosed, EventStarted, UserNotActive, UserRemoved,
    and RequestInProgress where `replay` is given and its twin runs. Asks user-service before its one transaction,
    which is one statement: seat, registration, message event.registration.created and the claim of `replay`.
    Locks the event's row, then the registration's. A cancelled registration is reopened under its id; a repeat is
    refused as a duplicate.
    """
    require_active_user(upstream_id=user.upstream_id, token=user.token)
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "user_id": user.id,
        "registration_id": uuid7(),
        "registration_data": None if registration_data is None else Jsonb(registration_data),
        "occurred_at": format_time(timezone.now()),
        **insert_params(),
        **claim_params(replay),
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(REGISTER_SQL, parameters)
            row = cursor.fetchone()
        if row is None:  # the seat, if one was taken, goes back with the transaction
            raise reason_against(event_id=event_id, user=user, is_repeatable=replay is not None)
        *stored, is_claimed = row
        if not is_claimed:
            raise RequestInProgress
        nudge_on_commit()
        transaction.on_commit(partial(metrics.REGISTRATIONS.inc), robust=True)
    return Registration(**dict(zip(STORED, stored, strict=True)), registration_data=registration_data)


def reason_against(*, event_id: UUID, user: Principal, is_repeatable: bool) -> DomainError:
    """Why the statement stored nothing, in the order that a person would want to hear it."""
    require_not_removed(user_id=user.id)
    event = Event.objects.visible_to(user.id, is_admin=user.is_admin).find(event_id)
    if Registration.objects.of_user(user.id).holding_a_seat().filter(event_id=event_id).exists():
        return AlreadyRegistered()
    if event.status != EventStatus.ACTIVE:
        return RegistrationClosed()
    if event.start_date <= timezone.now():
        return EventStarted()
    return RequestInProgress() if is_repeatable and event.has_room else EventFull()
