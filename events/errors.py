"""What the rules of an event refuse."""

from meetinity_events.errors import DomainError, NotFound


class EventNotFound(NotFound):
    """No such event, or one that this caller may not see."""

    code = "event_not_found"
    message = "There is no such event."


class NotTheOrganiser(DomainError):
    """The caller sees the event but neither organises it nor is an admin."""

    code = "not_the_organiser"
    http_status = 403
    message = "Only the organiser or an admin may do this."


class IllegalTransition(DomainError):
    """The event's state does not allow it."""

    code = "illegal_transition"


class EventNotStarted(DomainError):
    """What has not begun cannot be complete."""

    code = "event_not_started"
    message = "The event has not started yet."


class EventHasRegistrations(DomainError):
    """People have registered at some time: the record is theirs too."""

    code = "event_has_registrations"
    message = "People have registered for this event; cancel it instead."


class StaleVersion(DomainError):
    """Somebody else changed the event since the caller read it."""

    code = "stale_version"
    http_status = 412
    message = "The event has changed since you read it."


class CapacityBelowAttendance(DomainError):
    """`max_attendees` would fall below the seats that are taken."""

    code = "capacity_below_attendance"
    message = "More people are registered than this capacity allows."
