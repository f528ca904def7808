"""Make a draft public."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.cache import forget_event_on_commit
from events.messages import event_created
from events.models import Event
from events.ownership import lock_own_event
from events.search.words import learn_words_on_commit
from events.status import EventStatus, require_transition
from events.versions import require_version
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.outbox.record import record
from meetinity_events.api.principal import Principal


def publish_event(
    *, event_id: UUID, caller: Principal, versions: Collection[int] | None = None, replay: ReplayKey | None = None
) -> Event:
    """Open a draft to everybody and tell the world that it was created.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, and StaleVersion when `versions` is given and the event is
    at another one. Owns one transaction; locks the event's row; records event.created. Calling it again for an active
    event changes nothing and returns it.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        require_version(event, versions)
        claim(replay, status=200, resource_id=event_id)
        if event.status == EventStatus.ACTIVE:
            return event
        require_transition(event.status, EventStatus.ACTIVE)
        now = timezone.now()
        event.save_edit({"status": EventStatus.ACTIVE}, now)
        message = event_created(event, now)
        record(message_type=message["event_type"], key=event.id, payload=message)
        forget_event_on_commit(event.id)
        learn_words_on_commit(event.id)
    return event
