"""Change what a guest answered on registering."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events.models import Event
from events.ownership import require_organiser
from events.status import EventStatus
from integrations.users.profiles import require_not_removed
from meetinity_events.api.principal import Principal
from registrations.errors import EventStarted, RegistrationClosed, RegistrationNotFound
from registrations.forms import check_answers
from registrations.models import Registration, RegistrationStatus


def update_registration(
    *, event_id: UUID, registration_id: UUID, caller: Principal, registration_data: dict[str, Any] | None
) -> Registration:
    """Replace the answers of a registration that holds or waits for a seat; for the guest, the organiser or an admin.

    Raises EventNotFound, RegistrationNotFound, NotTheOrganiser, UserRemoved, RegistrationClosed, EventStarted, and
    InvalidFields for answers that do not fit the event's form. Owns one transaction; locks the event's row, then the
    registration's. Records nothing: the platform has no message for it. The same answers again change nothing.
    """
    with transaction.atomic():
        event = Event.objects.lock(event_id)
        registration = Registration.objects.filter(event_id=event_id, pk=registration_id).first()
        if registration is None:
            raise RegistrationNotFound
        if registration.user_id != caller.id:
            require_organiser(event, caller)
        require_not_removed(user_id=caller.id)
        require_coming(event, registration)
        check_answers(event.registration_form, registration_data)
        if registration.registration_data != registration_data:
            registration.registration_data = registration_data
            registration.updated_at = timezone.now()
            registration.save(update_fields=["registration_data", "updated_at"])
    registration.event = event
    return registration


def require_coming(event: Event, registration: Registration) -> None:
    """Raises RegistrationClosed for what is cancelled or decided, EventStarted when it is too late."""
    if event.status != EventStatus.ACTIVE:
        raise RegistrationClosed
    if event.start_date <= timezone.now():
        raise EventStarted
    if registration.status not in (RegistrationStatus.REGISTERED, RegistrationStatus.WAITLISTED):
        raise RegistrationClosed
