"""Take a check-in back."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.ownership import lock_own_event
from meetinity_events.api.principal import Principal
from registrations.errors import RegistrationNotFound, SeatNotHeld
from registrations.models import Registration, RegistrationStatus
from registrations.services.marks import CHECK_IN_UNDONE, mark_registrations


def undo_check_in(*, event_id: UUID, registration_id: UUID, caller: Principal) -> Registration:
    """The guest has not come after all: registered again, as before the check-in.

    Raises EventNotFound, NotTheOrganiser, RegistrationNotFound, SeatNotHeld. Owns one transaction; locks the event's
    row, then the registration's. Records event.registration.attendance_undone. Calling it again, or for somebody who
    was not checked in, changes nothing and returns the registration.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        found = Registration.objects.filter(event_id=event_id, pk=registration_id).first()
        if found is None:
            raise RegistrationNotFound
        if found.status in (RegistrationStatus.CANCELLED, RegistrationStatus.WAITLISTED):
            raise SeatNotHeld
        if mark_registrations(event, CHECK_IN_UNDONE, at=timezone.now(), ids=[found.id]):
            found.refresh_from_db()
    return found
