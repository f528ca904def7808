"""Whose event it is."""

from events.errors import EventNotFound, NotTheOrganiser
from events.models import Event
from events.status import PUBLIC
from meetinity_events.api.principal import Principal


def require_organiser(event: Event, caller: Principal) -> Event:
    """The event again, for its organiser or an admin.

    Raises EventNotFound when the caller may not even see it, NotTheOrganiser when the caller may only see it.
    """
    if caller.may_act_for(event.created_by):
        return event
    raise NotTheOrganiser if event.status in PUBLIC else EventNotFound
