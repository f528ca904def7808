"""Change an event; attendees hear of it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.forms.models import model_to_dict

from categories.models import Category
from events.errors import CapacityBelowAttendance
from events.models import Event
from events.ownership import lock_own_event
from events.services.store_edit import store_edit
from events.status import require_editable
from events.validation import check_together, refuse_uploaded_image
from events.versions import require_version
from meetinity_events.api.principal import Principal
from registrations.waitlist import promote_waiting


def update_event(
    *,
    event_id: UUID,
    editor: Principal,
    changes: Mapping[str, Any],
    category: str | None = None,
    versions: Collection[int] | None = None,
) -> Event:
    """Apply `changes` (columns of Event) and a new category, by name or id.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, InvalidFields, CapacityBelowAttendance, and StaleVersion
    when `versions` is given and the event is at another one. Owns one transaction; locks the event's row. Rules that
    look at several fields see the record as it would become. Records event.updated with exactly the fields that
    changed; nothing changed means nothing stored and nothing said. Where there are more seats now, the first who wait
    move up, each with a message event.registration.promoted behind it.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, editor)
        require_version(event, versions)
        require_editable(event.status)
        wanted = dict(changes)
        if category is not None:
            chosen = Category.objects.choose(category)
            wanted |= {"category": chosen.name, "category_ref_id": chosen.id}
        changed = {name: value for name, value in wanted.items() if getattr(event, name) != value}
        if not changed:
            return event
        refuse_uploaded_image(changed)
        check_capacity(event, changed)
        check_together({**model_to_dict(event), **changed})
        store_edit(event, changed)
        promote_waiting(event_id=event_id, at=event.updated_at)
    return event


def check_capacity(event: Event, changed: Mapping[str, Any]) -> None:
    """Raises CapacityBelowAttendance when fewer seats would remain than are taken."""
    capacity = changed.get("max_attendees")
    if capacity is not None and capacity < event.current_attendees:
        raise CapacityBelowAttendance
