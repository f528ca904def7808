"""Register a user for an event, or put the user on its waitlist."""

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from events.models import Event
from events.status import EventStatus
from integrations.errors import RequestInProgress
from integrations.gateway.idempotency import ReplayKey, claim_params
from integrations.kafka.envelope import format_time
from integrations.outbox.record import insert_params, nudge_on_commit
from integrations.users.profiles import require_not_removed
from integrations.users.validation import require_active_user
from meetinity_events.api.principal import Principal
from meetinity_events.errors import DomainError
from meetinity_events.observability import metrics
from meetinity_events.retry import retry_once
from registrations.cache import forget_seats_on_commit
from registrations.errors import (
    AlreadyRegistered,
    AlreadyWaiting,
    ChangedMindTooOften,
    EventFull,
    EventStarted,
    RegistrationClosed,
    RegistrationFormChanged,
    TooManyRegistrations,
)
from registrations.forms import check_answers
from registrations.limits import MOST_TIMES
from registrations.models import Registration, RegistrationStatus
from registrations.storing import STORED, take_place


def register_user(
    *,
    event_id: UUID,
    user: Principal,
    registration_data: dict[str, Any] | None = None,
    may_wait: bool = False,
    replay: ReplayKey | None = None,
) -> Registration:
    """Take a seat for the user, or with `may_wait` a place on the waitlist of a full event, and tell the world.

    Raises EventNotFound, EventFull, AlreadyRegistered, AlreadyWaiting, RegistrationClosed, EventStarted,
    TooManyRegistrations, ChangedMindTooOften, InvalidFields for answers that do not fit the event's form,
    UserNotActive, UserNotValidated, UserRemoved, and RequestInProgress where `replay` is given and its twin runs. Asks
    user-service before its one transaction, which is one statement behind its locks: seat, registration, message and
    the claim of `replay`. Locks the user's turn, the event's row, then the registration's. A cancelled registration is
    reopened under its id; a repeat is refused as a duplicate.
    """
    require_active_user(user)
    attempt = partial(store, event_id, user, registration_data, may_wait=may_wait, replay=replay)
    try:
        return attempt()
    except RegistrationFormChanged as asked:
        check_answers(asked.form, registration_data)
        return attempt(form=asked.form)


@retry_once
def store(
    event_id: UUID,
    user: Principal,
    registration_data: dict[str, Any] | None,
    *,
    form: Any = None,
    may_wait: bool,
    replay: ReplayKey | None,
) -> Registration:
    """The transaction. Raises RegistrationFormChanged unless `form` is the event's: the answers were checked by it."""
    parameters: dict[str, Any] = {
        "event_id": event_id,
        "user_id": user.id,
        "registration_id": uuid7(),
        "registration_data": None if registration_data is None else Jsonb(registration_data),
        "form": None if form is None else Jsonb(form),
        "most_coming": settings.MAX_ACTIVE_REGISTRATIONS,
        "occurred_at": format_time(timezone.now()),
        **insert_params(),
        **claim_params(replay),
    }
    row = take_place(parameters, may_wait=may_wait)
    if row is None:
        raise reason_against(event_id=event_id, user=user, form=form, is_repeatable=replay is not None)
    nudge_on_commit()
    forget_seats_on_commit(event_id, [user.id])
    transaction.on_commit(partial(metrics.REGISTRATIONS.inc), robust=True)
    return Registration(**dict(zip(STORED, row, strict=False)), registration_data=registration_data)


def reason_against(*, event_id: UUID, user: Principal, form: Any, is_repeatable: bool) -> DomainError:
    """Why nothing was stored, in the order that a person would want to hear it."""
    require_not_removed(user_id=user.id)
    event = Event.objects.visible_to(user.id, is_admin=user.is_admin).find(event_id)
    own = Registration.objects.of_user(user.id).filter(event_id=event_id).first()
    if own is not None and own.status != RegistrationStatus.CANCELLED:
        return AlreadyWaiting() if own.status == RegistrationStatus.WAITLISTED else AlreadyRegistered()
    if event.status != EventStatus.ACTIVE:
        return RegistrationClosed()
    if event.start_date <= timezone.now():
        return EventStarted()
    if own is not None and own.times_registered >= MOST_TIMES:
        return ChangedMindTooOften()
    if event.registration_form != form:
        return RegistrationFormChanged(event.registration_form)
    return no_seat_reason(event, user, is_repeatable=is_repeatable)


def no_seat_reason(event: Event, user: Principal, *, is_repeatable: bool) -> DomainError:
    """Why an event that is open to this person gave no seat."""
    if Registration.objects.of_user(user.id).coming(timezone.now()).count() >= settings.MAX_ACTIVE_REGISTRATIONS:
        return TooManyRegistrations()
    return RequestInProgress() if is_repeatable and event.has_room else EventFull()
