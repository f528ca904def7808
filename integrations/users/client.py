"""Asks user-service whether a user may take part: soon, or not at all.

The promised call is `GET /users/{id}/validate`; today's user-service has only `GET /users/{id}`. A user-service that is
away, slow or broken never stops anybody: the answer is then unknown, counted as degraded.
"""

import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import orjson
import urllib3
from django.conf import settings

from integrations.users.bounded_http import answer_deadline, make_bounded_pool
from integrations.users.errors import UserNotActive
from meetinity_events.observability import metrics
from meetinity_events.observability.request_id import current_request_id, current_traceparent

logger = logging.getLogger("event_service.users")

# How long a missing route is believed: a promoted user-service is used after at most this.
ROUTE_MEMORY_SECONDS = 60.0
MAX_ANSWER_BYTES = 64 * 1024
NO_ROUTE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)

# One pool a process; it opens a connection on first use, so after the fork.
_pool = make_bounded_pool()
_no_promised_route_until = float("-inf")


class UserServiceUnavailableError(Exception):
    """No answer that says anything about the user."""


class RouteMissingError(Exception):
    """This user-service does not have the call."""


class UserMissingError(Exception):
    """User-service has no such user."""


@dataclass(frozen=True, slots=True)
class UserCheck:
    """What user-service says; `name` is empty for a user that does not exist."""

    exists: bool
    is_active: bool
    name: str


NO_SUCH_USER = UserCheck(exists=False, is_active=False, name="")


def require_active_user(*, upstream_id: str, token: str = "") -> None:
    """Raises UserNotActive when user-service says that the user is absent or inactive; an unknown answer lets pass."""
    check = validate_user(upstream_id=upstream_id, token=token)
    if check is not None and not (check.exists and check.is_active):
        raise UserNotActive


def validate_user(*, upstream_id: str, token: str = "") -> UserCheck | None:
    """What user-service says about the user, or None when it does not say within USER_SERVICE_TIMEOUT_SECONDS in all.

    A network call: never inside a transaction. `token` is the caller's own and is passed on.
    """
    deadline = time.monotonic() + settings.USER_SERVICE_TIMEOUT_SECONDS
    answer_deadline.set(deadline)
    try:
        check = ask(upstream_id, token, deadline)
    except UserMissingError:
        check = NO_SUCH_USER
    except (UserServiceUnavailableError, RouteMissingError, urllib3.exceptions.HTTPError, ValueError, OSError) as error:
        metrics.USER_SERVICE_CALLS.labels("degraded").inc()
        logger.warning("user not validated, let pass", extra={"error": type(error).__name__})
        return None
    metrics.USER_SERVICE_CALLS.labels("ok" if check.exists else "missing").inc()
    return check


def ask(upstream_id: str, token: str, deadline: float) -> UserCheck:
    """The promised call, and today's where that is missing, which is then remembered."""
    global _no_promised_route_until
    user = f"{settings.USER_SERVICE_URL}/users/{quote(upstream_id, safe='')}"
    if time.monotonic() >= _no_promised_route_until:
        try:
            return read_check(get(f"{user}/validate", token, deadline))
        except RouteMissingError:
            _no_promised_route_until = time.monotonic() + ROUTE_MEMORY_SECONDS
    return read_check(read_object(get(user, token, deadline), "user"))


def get(url: str, token: str, deadline: float) -> object:
    """The JSON of a 200. Raises UserMissingError, RouteMissingError, UserServiceUnavailableError."""
    response = _pool.request(
        "GET",
        url,
        headers=make_headers(token),
        timeout=max(0.001, deadline - time.monotonic()),
        redirect=False,
        preload_content=False,
    )
    try:
        body = read_body(response, deadline)
    finally:
        response.release_conn()
    if response.status in NO_ROUTE:
        raise UserMissingError if b"user not found" in body.lower() else RouteMissingError
    if response.status != HTTPStatus.OK:
        raise UserServiceUnavailableError
    return orjson.loads(body)


def read_body(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body. One over 64 KiB or still dripping at the deadline raises UserServiceUnavailableError."""
    body = b""
    while chunk := response.read1(MAX_ANSWER_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            response.close()
            raise UserServiceUnavailableError
    return body


def make_headers(token: str) -> dict[str, str]:
    """What follows the request from service to service."""
    headers = {
        "Accept": "application/json",
        "User-Agent": settings.SERVICE_NAME,
        "Authorization": f"Bearer {token}" if token else "",
        "X-Request-ID": current_request_id(),
        "traceparent": current_traceparent(),
    }
    return {name: value for name, value in headers.items() if value}


def read_check(answer: object) -> UserCheck:
    """Either call's answer as one shape. Raises UserServiceUnavailableError for anything unexpected."""
    if not isinstance(answer, dict):
        raise UserServiceUnavailableError
    if answer.get("exists", True) is False:
        return NO_SUCH_USER
    if answer.get("exists", True) is not True or not isinstance(answer.get("is_active"), bool):
        raise UserServiceUnavailableError
    return UserCheck(exists=True, is_active=answer["is_active"], name=str(answer.get("name") or ""))


def read_object(answer: object, name: str) -> object:
    """The object inside an answer. Raises UserServiceUnavailableError when it is not there."""
    if not isinstance(answer, dict) or not isinstance(answer.get(name), dict):
        raise UserServiceUnavailableError
    return answer[name]
