"""What registering and leaving refuse."""

from meetinity_events.errors import DomainError, NotFound


class EventFull(DomainError):
    """No seat is left."""

    code = "event_full"
    message = "The event is full."


class AlreadyRegistered(DomainError):
    """The user has a seat."""

    code = "already_registered"
    message = "You are already registered for this event."


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
