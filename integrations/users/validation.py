"""Whether somebody may take part, and what happens when nobody can say: the policy USER_VALIDATION."""

import logging

from django.conf import settings

from integrations.users.answers import UserCheck
from integrations.users.client import check_user
from integrations.users.errors import UserNotActive, UserNotValidated
from integrations.users.kept import keep_check, recall_check
from integrations.users.transport import OPEN_SECONDS, UserServiceUnavailableError
from meetinity_events.api.principal import Principal, Subject
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.users")


def require_active_user(user: Principal) -> None:
    """Raises UserNotActive when user-service says that the user is absent or inactive, or said so within the last hour.

    Where it says and said nothing, the user passes, or with `USER_VALIDATION=closed` UserNotValidated is raised. A
    network call of up to USER_SERVICE_TIMEOUT_SECONDS: never inside a transaction.
    """
    check = validate_user(user)
    if check is None:
        pass_or_refuse()
    elif not (check.exists and check.is_active):
        raise UserNotActive


def validate_user(user: Principal) -> UserCheck | None:
    """What user-service says, else what it said within the last hour, else None."""
    try:
        check = check_user(Subject(user.id, user.upstream_id), user.token)
    except UserServiceUnavailableError as error:
        kept = recall_check(user.id)
        if kept is not None:
            metrics.USER_SERVICE_CALLS.labels("stale").inc()
            return kept
        logger.warning("user not validated", extra={"error": str(error), "policy": settings.USER_VALIDATION})
        return None
    metrics.USER_SERVICE_CALLS.labels("ok" if check.exists else "missing").inc()
    keep_check(user.id, check)
    return check


def pass_or_refuse() -> None:
    """The policy, counted. Raises UserNotValidated where it is `closed`."""
    if settings.USER_VALIDATION == "closed":
        metrics.USER_SERVICE_CALLS.labels("refused").inc()
        raise UserNotValidated(retry_after_seconds=OPEN_SECONDS)
    metrics.USER_SERVICE_CALLS.labels("degraded").inc()
