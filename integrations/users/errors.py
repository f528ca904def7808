"""What user-service forbids."""

from meetinity_events.errors import DomainError


class UserNotActive(DomainError):
    """User-service says that this user does not exist or may not take part."""

    code = "user_not_active"
    http_status = 403
    message = "This account is not active."


class UserRemoved(DomainError):
    """The platform has deleted this account; its token has outlived it."""

    code = "user_removed"
    http_status = 403
    message = "This account has been removed."
