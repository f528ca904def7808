"""Change an event; attendees hear of it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from categories.models import Category
from events.cache import forget_event_on_commit
from events.errors import CapacityBelowAttendance
from events.messages import event_updated
from events.models import Event
from events.ownership import lock_own_event
from events.status import PUBLIC, require_editable
from events.validation import check_together
from events.versions import require_version
from integrations.outbox.record import record
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
        check_capacity(event, changed)
        check_together({**model_to_dict(event), **changed})
        store(event, changed)
        promote_waiting(event_id=event_id, at=event.updated_at)
    return event


def check_capacity(event: Event, changed: Mapping[str, Any]) -> None:
    """Raises CapacityBelowAttendance when fewer seats would remain than are taken."""
    capacity = changed.get("max_attendees")
    if capacity is not None and capacity < event.current_attendees:
        raise CapacityBelowAttendance


def store(event: Event, changed: Mapping[str, Any]) -> None:
    """Write the changed columns as the next version and record the message of a public event."""
    event.save_edit(changed, timezone.now())
    if event.status in PUBLIC:
        fields = sorted("category_id" if name == "category_ref_id" else name for name in changed)
        message = event_updated(event, fields, event.updated_at)
        record(message_type=message["event_type"], key=event.id, payload=message)
        forget_event_on_commit(event.id)
