"""What this app refuses: staff's tools for parked messages, repeated requests, the change feed."""

from meetinity_events.errors import DomainError, InvalidFields


class DeadLetterNotFound(DomainError):
    """No such parked message, or one that was replayed or discarded already."""

    code = "dead_letter_not_found"
    http_status = 404
    message = "There is no open dead letter of this number."


class MessageNotParked(DomainError):
    """No such message in the outbox, or one that waits or was published."""

    code = "message_not_parked"
    message = "The outbox holds no parked message of this number."


class MessageNotWaiting(DomainError):
    """No such message in the outbox, or one that was parked or published already."""

    code = "message_not_waiting"
    message = "The outbox holds no waiting message of this number."


class KeyReused(DomainError):
    """The idempotency key stood for another request."""

    code = "idempotency_key_reused"
    http_status = 422
    message = "This idempotency key was used for another request."

    def __init__(self) -> None:
        super().__init__(details={"Idempotency-Key": ["It was used for another request."]})


class RequestInProgress(DomainError):
    """The same request is being worked on."""

    code = "request_in_progress"
    message = "The same request is still running; ask again in a moment."


class CursorUnreadable(InvalidFields):
    """Not a cursor of the change feed."""

    def __init__(self) -> None:
        super().__init__(details={"cursor": ["This is not a cursor of the change feed."]})


class CursorExpired(DomainError):
    """Messages behind the cursor may have been purged; the reader begins anew and compares what it has."""

    code = "cursor_expired"
    http_status = 410
    message = "This cursor is too old: messages behind it may be gone. Begin again without a cursor."
