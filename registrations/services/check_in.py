"""Check a guest in at the door."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.ownership import lock_own_event
from integrations.gateway.idempotency import ReplayKey, claim
from meetinity_events.api.principal import Principal
from registrations.errors import RegistrationNotFound, SeatNotHeld, TicketOfAnotherEvent, TicketReplaced
from registrations.models import CheckInMethod, Registration, RegistrationStatus
from registrations.services.marks import CAME, CheckIn, mark_registrations
from registrations.tickets import Ticket, read_ticket
from registrations.window import require_open


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The guest, and whether it was this call that checked them in."""

    registration: Registration
    is_first: bool


def check_in(
    *,
    event_id: UUID,
    caller: Principal,
    token: str | None = None,
    user_id: UUID | None = None,
    replay: ReplayKey | None = None,
) -> CheckedIn:
    """Write down that the bearer of a ticket, or else the user, is here, and tell the world.

    Raises EventNotFound, NotTheOrganiser, CheckInNotOpen, CheckInClosed, TicketInvalid, TicketOfAnotherEvent,
    TicketReplaced, RegistrationNotFound, SeatNotHeld. Owns one transaction; locks the event's row, then the
    registration's. Records event.registration.attended. Calling it again changes nothing and returns the first time's
    registration. Somebody marked as no_show may still come. `replay` keeps 201 for the first time, else 200.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, caller)
        now = timezone.now()
        require_open(event, now)
        guest = find_guest(event_id, None if token is None else read_ticket(token), user_id)
        method = CheckInMethod.USER_ID if token is None else CheckInMethod.TOKEN
        is_first = mark_registrations(event, CAME, at=now, ids=[guest.id], check_in=CheckIn(caller.id, method)) == 1
        if is_first:
            guest.refresh_from_db()
        elif guest.status != RegistrationStatus.ATTENDED:
            raise SeatNotHeld
        claim(replay, status=201 if is_first else 200, resource_id=guest.id)
    return CheckedIn(guest, is_first)


def find_guest(event_id: UUID, ticket: Ticket | None, user_id: UUID | None) -> Registration:
    """The registration of the ticket, or of the user at this event; the event's lock keeps its state as it is.

    Raises RegistrationNotFound, TicketOfAnotherEvent, TicketReplaced.
    """
    here = Q(event_id=event_id, user_id=user_id)
    found = Registration.objects.filter(here if ticket is None else Q(pk=ticket.registration_id)).first()
    if found is None:
        raise RegistrationNotFound
    if found.event_id != event_id:
        raise TicketOfAnotherEvent
    if ticket is not None and ticket.times_registered != found.times_registered:
        raise TicketReplaced
    return found
