"""What the staff's tools for parked messages refuse."""

from meetinity_events.errors import DomainError


class DeadLetterNotFound(DomainError):
    """No such parked message, or one that was replayed or discarded already."""

    code = "dead_letter_not_found"
    http_status = 404
    message = "There is no open dead letter of this number."
