"""Declare an event over."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.cache import forget_event_on_commit
from events.errors import EventNotStarted
from events.messages import event_completed
from events.models import Event
from events.ownership import lock_own_event
from events.status import EventStatus, require_transition
from events.versions import require_version
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.outbox.record import record
from meetinity_events.api.principal import Principal
from registrations.models import Registration


def complete_event(
    *, event_id: UUID, caller: Principal, versions: Collection[int] | None = None, replay: ReplayKey | None = None
) -> Event:
    """Close an event that has taken place and tell the world; seats stay as they are, waiting ends.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, EventNotStarted, and StaleVersion when `versions` is given
    and the event is at another one. Owns one transaction; locks the event's row, then the registrations that wait.
    Records event.completed. Calling it again for a completed event changes nothing and returns it.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        require_version(event, versions)
        claim(replay, status=200, resource_id=event_id)
        if event.status == EventStatus.COMPLETED:
            return event
        require_transition(event.status, EventStatus.COMPLETED)
        now = timezone.now()
        if event.start_date > now:
            raise EventNotStarted
        write_completion(event, now)
    return event


def write_completion(event: Event, now: datetime) -> None:
    """Close a locked event and record event.completed.

    Who still waits for a seat is cancelled without a message of their own: this one tells it.
    """
    Registration.objects.end_waiting(event.id, now)
    event.save_edit({"status": EventStatus.COMPLETED}, now)
    message = event_completed(event, now)
    record(message_type=message["event_type"], key=event.id, payload=message)
    forget_event_on_commit(event.id)
