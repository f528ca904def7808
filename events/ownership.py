"""Whose event it is."""

from uuid import UUID

from events.errors import EventNotFound, NotTheOrganiser
from events.models import Event
from events.status import PUBLIC
from integrations.users.profiles import require_not_removed
from meetinity_events.api.principal import Principal


def require_organiser(event: Event, caller: Principal) -> Event:
    """The event again, for its organiser or an admin.

    Raises EventNotFound when the caller may not even see it, NotTheOrganiser when the caller may only see it.
    """
    if caller.may_act_for(event.created_by):
        return event
    raise NotTheOrganiser if event.status in PUBLIC else EventNotFound


def lock_own_event(event_id: UUID, caller: Principal) -> Event:
    """The event's row for a write of its organiser or an admin: the first lock of the caller's transaction.

    Raises EventNotFound, NotTheOrganiser, UserRemoved.
    """
    event = require_organiser(Event.objects.lock(event_id), caller)
    require_not_removed(user_id=caller.id)
    return event
