"""Declare the events over whose end has passed and whose organisers have not done it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.models import Event
from registrations.services.complete_event import write_completion

MAX_EVENTS = 500


def complete_past_events() -> int:
    """Complete every active event whose end has passed and tell the world.

    One transaction for each event, at most MAX_EVENTS, the earliest first. Events whose row somebody holds are left to
    the next call. Records event.completed. Returns how many were completed; a repeat completes none.
    """
    now = timezone.now()
    ids = list(Event.objects.past(now).order_by("start_date").values_list("pk", flat=True)[:MAX_EVENTS])
    return sum(complete_if_free(event_id, now) for event_id in ids)


def complete_if_free(event_id: UUID, now: datetime) -> bool:
    """True when this call completed the event. Locks its row without waiting."""
    with transaction.atomic():
        event = Event.objects.past(now).lock_if_free(event_id)
        if event is None:
            return False
        write_completion(event, now)
    return True
