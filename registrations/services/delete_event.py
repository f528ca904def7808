"""Delete an event that nobody ever registered for."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.cache import forget_event_on_commit
from events.errors import EventHasRegistrations
from events.messages import event_deleted
from events.ownership import lock_own_event
from events.status import PUBLIC
from events.versions import require_version
from integrations.outbox.record import record
from meetinity_events.api.principal import Principal
from registrations.models import Registration


def delete_event(*, event_id: UUID, caller: Principal, versions: Collection[int] | None = None) -> None:
    """Remove the record for good and tell the world, if the world knew of it.

    Raises EventNotFound (so does a repeat), NotTheOrganiser, EventHasRegistrations, and StaleVersion when `versions` is
    given and the event is at another one. Owns one transaction; locks the event's row, which every registration has to
    take first, so that none can slip in between the question and the deletion. Records event.deleted.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        require_version(event, versions)
        if Registration.objects.filter(event_id=event_id).exists():
            raise EventHasRegistrations
        if event.status in PUBLIC:
            message = event_deleted(event, timezone.now())
            record(message_type=message["event_type"], key=event.id, payload=message)
            forget_event_on_commit(event.id)
        event.delete()
