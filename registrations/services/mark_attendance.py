"""Write down who came and who did not, for many guests at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.models import Event
from events.ownership import lock_own_event
from integrations.gateway.idempotency import ReplayKey, claim
from meetinity_events.api.principal import Principal
from registrations.models import CheckInMethod, Registration
from registrations.services.marks import CAME, MISSED, UNDONE, CheckIn, mark_registrations
from registrations.window import require_opened, require_started


@dataclass(frozen=True, slots=True)
class AttendanceList:
    """User ids by what is to be written about them; nobody stands in two of the three."""

    attended: Collection[UUID]
    no_show: Collection[UUID]
    reset: Collection[UUID]

    @property
    def all(self) -> list[UUID]:
        """The three lists in a row."""
        return [*self.attended, *self.no_show, *self.reset]


@dataclass(frozen=True, slots=True)
class Marked:
    """How many registrations changed, and who on the list holds no seat."""

    changed: int
    unknown: list[UUID]


def mark_attendance(
    *, event_id: UUID, caller: Principal, people: AttendanceList, replay: ReplayKey | None = None
) -> Marked:
    """Mark guests as attended or no_show, or set them back to registered, and tell the world of each that changed.

    Raises EventNotFound, NotTheOrganiser, CheckInNotOpen, CheckInClosed, EventNotStarted (for no_show). Owns one
    transaction with one statement for each list; locks the event's row, then the registrations'. Unlike a check-in it
    has no last moment: what was marked automatically can be corrected. Records event.registration.attended, .no_show
    and .attendance_undone. Calling it again changes nothing.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        now = timezone.now()
        require_opened(event, now)
        if people.no_show:
            require_started(event, now)
        claim(replay, status=200, resource_id=event_id)
        ids = Registration.objects.seats_of(event_id, people.all)
        changed = mark_each(event, people, ids, caller, now)
    return Marked(changed, [user_id for user_id in people.all if user_id not in ids])


def mark_each(event: Event, people: AttendanceList, ids: dict[UUID, UUID], caller: Principal, now: datetime) -> int:
    """One statement for each list that names anybody with a seat; `ids` are the registrations by user."""
    changed = 0
    for mark, users in ((CAME, people.attended), (MISSED, people.no_show), (UNDONE, people.reset)):
        chosen = [ids[user_id] for user_id in users if user_id in ids]
        check_in = CheckIn(caller.id, CheckInMethod.BULK) if mark is CAME else None
        if chosen:
            changed += mark_registrations(event, mark, at=now, ids=chosen, check_in=check_in)
    return changed
