"""What registering and leaving refuse."""

from collections.abc import Mapping
from typing import Any

from meetinity_events.errors import DomainError, NotFound


class EventFull(DomainError):
    """No seat is left."""

    code = "event_full"
    message = "The event is full."


class AlreadyRegistered(DomainError):
    """The user has a seat."""

    code = "already_registered"
    message = "You are already registered for this event."


class AlreadyWaiting(DomainError):
    """The user is on the waitlist."""

    code = "already_waiting"
    message = "You are already on the waitlist of this event."


class TooManyRegistrations(DomainError):
    """The user has MAX_ACTIVE_REGISTRATIONS coming events."""

    code = "too_many_registrations"
    message = "You are registered for as many coming events as one person may be."


class ChangedMindTooOften(DomainError):
    """The user has come and gone as often as one person may."""

    code = "changed_mind_too_often"
    message = "You have registered for this event and left it too many times."


class RegistrationFormChanged(DomainError):
    """The organiser's questions are not those that the answers were checked against; `form` are today's."""

    code = "registration_form_changed"
    message = "The registration form has changed; try again."

    def __init__(self, form: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.form = form


class RegistrationClosed(DomainError):
    """The event is not open: a draft of the caller's own, cancelled, or over."""

    code = "registration_closed"
    message = "This event does not take registrations."


class EventStarted(DomainError):
    """Too late to register or to leave."""

    code = "event_started"
    message = "The event has started."


class RegistrationNotFound(NotFound):
    """The user was never registered for this event."""

    code = "registration_not_found"
    message = "There is no such registration."


class SeatNotHeld(DomainError):
    """The registration is cancelled, or waits for a seat."""

    code = "no_seat"
    message = "This registration holds no seat."


class TicketInvalid(DomainError):
    """Not signed by this service, or not as a ticket."""

    code = "ticket_invalid"
    http_status = 422
    message = "This is not a ticket."


class TicketReplaced(DomainError):
    """The user has cancelled and registered again since."""

    code = "ticket_replaced"
    message = "This ticket is of an earlier registration; there is a newer one."


class TicketOfAnotherEvent(DomainError):
    """Good, but not here."""

    code = "ticket_of_another_event"
    message = "This ticket is for another event."


class CheckInNotOpen(DomainError):
    """More than a day before the start."""

    code = "check_in_not_open"
    message = "Check-in opens 24 hours before the start."


class CheckInClosed(DomainError):
    """The event was over too long ago, or does not take place."""

    code = "check_in_closed"
    message = "This event takes no check-in any more."


class TooManyRows(DomainError):
    """The list is longer than a file of this format can be."""

    code = "too_many_rows"
    http_status = 422
    message = "The list is longer than such a file can be; ask for csv."


class CalendarFeedNotFound(NotFound):
    """No feed has this address: it never had one, or it was given up."""

    code = "calendar_feed_not_found"
    message = "There is no such calendar."
