"""One call to user-service: bounded in time and size, repeated within a budget, not made while the circuit is open."""

import time
from collections.abc import Mapping
from http import HTTPStatus

import orjson
import urllib3
from circuitbreaker import CircuitBreaker
from django.conf import settings

from integrations.users.bounded_http import answer_deadline, make_bounded_pool
from meetinity_events.observability import metrics
from meetinity_events.observability.request_id import current_request_id, current_traceparent

NO_ROUTE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
FAILURES_BEFORE_OPENING = 5
OPEN_SECONDS = 5
RETRY_SHARE = 0.1
RETRIES_AT_ONCE = 10.0


class UserServiceUnavailableError(Exception):
    """No answer that says anything about a user: the circuit is open, or user-service does not want this request."""


class UserServiceFailedError(UserServiceUnavailableError):
    """User-service is in trouble: silent, gone or talking nonsense. A few of these in a row open the circuit."""


class BrokenCallError(UserServiceFailedError):
    """A trouble that may be over at once: a connection that broke, a 5xx."""


class RouteMissingError(Exception):
    """This user-service does not have the call."""


class UserMissingError(Exception):
    """User-service has no such user."""


class RetryBudget:
    """One call in ten may be made a second time, and ten that fail together: trouble is not answered with more calls.

    Without a lock: threads that meet here may miscount by one.
    """

    def __init__(self) -> None:
        self.left = RETRIES_AT_ONCE

    def earn(self) -> None:
        """For each call that is made."""
        self.left = min(self.left + RETRY_SHARE, RETRIES_AT_ONCE)

    def spend(self) -> bool:
        """True when another call may be repeated."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


# Each of these is this process's own, and none holds a lock that a fork could copy. The pool connects on first use.
_pool = make_bounded_pool()
retries = RetryBudget()
circuit = CircuitBreaker(FAILURES_BEFORE_OPENING, OPEN_SECONDS, UserServiceFailedError, name="user-service")


def call(method: str, path: str, token: str, *, deadline: float, max_bytes: int, body: object = None) -> object:
    """The JSON of a 200, by `deadline` (monotonic). A call that broke is made once more; it must change nothing.

    Raises UserMissingError, RouteMissingError, and UserServiceUnavailableError for everything else.
    """
    retries.earn()
    try:
        return try_once(method, path, token, deadline, max_bytes, body)
    except BrokenCallError:
        if time.monotonic() >= deadline or circuit.opened or not retries.spend():
            raise
    return try_once(method, path, token, deadline, max_bytes, body)


def try_once(method: str, path: str, token: str, deadline: float, max_bytes: int, body: object) -> object:
    """One exchange through the circuit, and its failure counted by cause."""
    if circuit.opened:
        metrics.USER_SERVICE_FAILURES.labels("circuit open").inc()
        raise UserServiceUnavailableError("circuit open")
    try:
        with circuit:
            return exchange(method, path, token, deadline, max_bytes, body)
    except UserServiceUnavailableError as error:
        metrics.USER_SERVICE_FAILURES.labels(str(error)).inc()
        raise


def exchange(method: str, path: str, token: str, deadline: float, max_bytes: int, body: object) -> object:
    """The JSON of a 200; whatever goes wrong on the way is one of the errors above."""
    answer_deadline.set(deadline)
    try:
        response = _pool.request(
            method,
            f"{settings.USER_SERVICE_URL}{path}",
            body=None if body is None else orjson.dumps(body),
            headers=make_headers(token, has_body=body is not None),
            timeout=max(0.001, deadline - time.monotonic()),
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        content = read_body(response, deadline, max_bytes)
    except urllib3.exceptions.NewConnectionError as error:  # a kind of timeout by its class alone
        raise BrokenCallError("connection") from error
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise UserServiceFailedError("timeout") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise BrokenCallError("connection") from error
    except ValueError as error:  # http.client refuses a header, such as a token with a line break
        raise UserServiceUnavailableError("request") from error
    return read_json(response.status, content)


def read_body(response: urllib3.BaseHTTPResponse, deadline: float, max_bytes: int) -> bytes:
    """The whole body, after which the connection is used again; one that is too long or too slow is cut off."""
    body = b""
    try:
        while chunk := response.read1(max_bytes + 1):
            body += chunk
            if len(body) > max_bytes or time.monotonic() > deadline:
                response.close()
                raise UserServiceFailedError("too large" if len(body) > max_bytes else "timeout")
    finally:
        response.release_conn()
    return body


def read_json(status: int, body: bytes) -> object:
    """What the status and the body mean together."""
    if status in NO_ROUTE:
        raise UserMissingError if b"user not found" in body.lower() else RouteMissingError
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise BrokenCallError("5xx")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise UserServiceFailedError("429")
    if status != HTTPStatus.OK:
        raise UserServiceUnavailableError("unexpected status")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UserServiceFailedError("nonsense") from error


def make_headers(token: str, *, has_body: bool) -> Mapping[str, str]:
    """What follows the request from service to service."""
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json" if has_body else "",
        "User-Agent": settings.SERVICE_NAME,
        "Authorization": f"Bearer {token}" if token else "",
        "X-Request-ID": current_request_id(),
        "traceparent": current_traceparent(),
    }
    return {name: value for name, value in headers.items() if value}
