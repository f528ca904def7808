"""Cancel an event and every registration for it."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.cache import forget_event_on_commit
from events.messages import event_cancelled
from events.models import Event
from events.ownership import lock_own_event
from events.services.seats import release_seats
from events.status import PUBLIC, EventStatus, require_transition
from events.versions import require_version
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.outbox.record import record
from meetinity_events.api.principal import Principal
from registrations.cache import forget_seats_on_commit
from registrations.models import Registration, RegistrationStatus


def cancel_event(
    *,
    event_id: UUID,
    caller: Principal,
    reason: str,
    versions: Collection[int] | None = None,
    replay: ReplayKey | None = None,
) -> Event:
    """End the event, its registrations and its waitlist, and tell the world whom it affects.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, and StaleVersion when `versions` is given and the event is
    at another one. Owns one transaction; locks the event's row, then its registrations. Records event.cancelled, one
    for each thousand of those who had a seat or waited for one; a draft that nobody saw records nothing. Calling it
    again for a cancelled event changes nothing and returns it.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        require_version(event, versions)
        claim(replay, status=200, resource_id=event_id)
        if event.status == EventStatus.CANCELLED:
            return event
        require_transition(event.status, EventStatus.CANCELLED)
        was_public = event.status in PUBLIC
        now = timezone.now()
        ended = Registration.objects.end_all(event_id, now)
        event.save_edit({"status": EventStatus.CANCELLED}, now)
        release_seats(event, sum(state == RegistrationStatus.REGISTERED for _, state in ended))
        for message in event_cancelled(event, reason, [user for user, _ in ended], now) if was_public else ():
            record(message_type=message["event_type"], key=event.id, payload=message)
        forget_event_on_commit(event_id)
        forget_seats_on_commit(event_id, [user for user, _ in ended])
    return event
