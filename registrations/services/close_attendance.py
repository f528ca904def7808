"""Close the lists of those who came: whoever is still expected did not."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.models import Event
from registrations.services.marks import NEVER_CAME, mark_registrations
from registrations.window import grace

MAX_EVENTS = 500


def close_attendance() -> int:
    """Mark as no_show who is still registered at an event that was over ATTENDANCE_GRACE_HOURS ago; once an event.

    One transaction for each event, at most MAX_EVENTS, the earliest first. Events whose row somebody holds are left to
    the next call. Records event.registration.no_show. Returns how many lists were closed; a repeat closes none, and
    what an organiser sets afterwards stays.
    """
    now = timezone.now()
    due = Event.objects.attendance_due(now - grace())
    ids = list(due.order_by("start_date").values_list("pk", flat=True)[:MAX_EVENTS])
    return sum(close_if_free(event_id, now) for event_id in ids)


def close_if_free(event_id: UUID, now: datetime) -> bool:
    """True when this call closed the list. Locks the event's row without waiting."""
    with transaction.atomic():
        event = Event.objects.attendance_due(now - grace()).lock_if_free(event_id)
        if event is None:
            return False
        mark_registrations(event, NEVER_CAME, at=now)
        event.attendance_closed_at = now
        event.save(update_fields=["attendance_closed_at"])
    return True
