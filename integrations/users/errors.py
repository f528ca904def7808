"""What user-service forbids."""

from meetinity_events.errors import DomainError


class UserNotActive(DomainError):
    """User-service says that this user does not exist or may not take part."""

    code = "user_not_active"
    http_status = 403
    message = "This account is not active."


class UserNotValidated(DomainError):
    """User-service cannot be asked, and the deployment lets nobody pass unasked.

    No 5xx: the gateway would send the request twice more and then close the way to all of this service.
    """

    code = "user_not_validated"
    http_status = 424
    message = "Your account cannot be checked at the moment; try again soon."


class UserRemoved(DomainError):
    """The platform has deleted this account; its token has outlived it."""

    code = "user_removed"
    http_status = 403
    message = "This account has been removed."
