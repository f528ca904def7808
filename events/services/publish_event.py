"""Make a draft public."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.messages import event_created
from events.models import Event
from events.ownership import lock_own_event
from events.status import EventStatus, require_transition
from integrations.outbox.record import record
from meetinity_events.api.principal import Principal


def publish_event(*, event_id: UUID, caller: Principal) -> Event:
    """Open a draft to everybody and tell the world that it was created.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition. Owns one transaction; locks the event's row; records
    event.created. Calling it again for an active event changes nothing and returns it.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        if event.status == EventStatus.ACTIVE:
            return event
        require_transition(event.status, EventStatus.ACTIVE)
        now = timezone.now()
        event.save_edit({"status": EventStatus.ACTIVE}, now)
        message = event_created(event, now)
        record(message_type=message["event_type"], key=event.id, payload=message)
    return event
