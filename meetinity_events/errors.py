"""The base of every refusal: what a rule raises and every door can render."""

from collections.abc import Mapping, Sequence

Details = Mapping[str, Sequence[str]]


class DomainError(Exception):
    """A rule said no.

    `code` is the machine-readable cause, stable across releases; `http_status` is how HTTP says it; `details` maps a
    field (or `reason`) to sentences for people; `retry_after_seconds`, where not 0, is when to try again.
    """

    code = "refused"
    http_status = 409
    message = "This is not possible."

    def __init__(
        self, message: str | None = None, details: Details | None = None, *, retry_after_seconds: int = 0
    ) -> None:
        self.message = message or self.message
        self.retry_after_seconds = retry_after_seconds
        self.details: Details = details if details is not None else {"reason": [self.code]}
        super().__init__(self.message)


class NotFound(DomainError):
    """No such thing, or none that this caller may see; `details` says no more."""

    code = "not_found"
    http_status = 404
    message = "There is no such thing."

    def __init__(self) -> None:
        super().__init__(details={})


class InvalidFields(DomainError):
    """Fields that break a rule; `details` holds one list of sentences per field."""

    code = "invalid"
    http_status = 422
    message = "Some fields are not valid."
