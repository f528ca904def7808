"""Tells matching-service who attended an event: one call, one answer within the timeout, no retry of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import orjson
import urllib3
from django.conf import settings
from urllib3.util.retry import Retry

from integrations.matching.attendance import PATH, Attendance
from integrations.users.bounded_http import answer_deadline, make_bounded_pool
from meetinity_events.observability import metrics

NO_CALL = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)
# What says nothing about the event that was told, so that the next one would fare no better.
NOT_NOW = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
MAX_RETRY_AFTER_SECONDS = 3600

# One pool a process; it opens a connection on first use, so after the fork.
_pool = make_bounded_pool()
_patience = Retry(retry_after_max=MAX_RETRY_AFTER_SECONDS)


class Outcome(StrEnum):
    """What a call came to; the label of matching_calls_total."""

    OK = "ok"
    MISSING = "missing"  # this matching-service does not have the call
    REFUSED = "refused"  # it has, and does not want this body
    FAILED = "failed"  # it stumbled over this event, perhaps
    AWAY = "away"  # it answers nobody now, or asks for patience


@dataclass(frozen=True, slots=True)
class Answer:
    """`detail` is for people; `retry_after_seconds` is what the service asks for, up to an hour, else 0."""

    outcome: Outcome
    detail: str
    retry_after_seconds: float = 0.0


def tell_attendance(body: Attendance, headers: Mapping[str, str]) -> Answer:
    """Make the call and count it; raises nothing for whatever the service does.

    A network call of up to MATCHING_SERVICE_TIMEOUT_SECONDS: never inside a transaction. `headers` are those of the
    request that found the attendance out, without its token, which is its own: the platform names none for this call.
    A 2xx counts as told whatever its body says.
    """
    try:
        answer = post(body, headers)
    except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:
        answer = Answer(Outcome.AWAY, f"no answer: {type(error).__name__}")
    metrics.MATCHING_CALLS.labels(answer.outcome).inc()
    return answer


def post(body: Attendance, headers: Mapping[str, str]) -> Answer:
    """The answer by its status line and headers; its body is left unread."""
    deadline = time.monotonic() + settings.MATCHING_SERVICE_TIMEOUT_SECONDS
    answer_deadline.set(deadline)
    response = _pool.request(
        "POST",
        f"{settings.MATCHING_SERVICE_URL}{PATH}",
        body=orjson.dumps(body),
        headers={
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": settings.SERVICE_NAME,
            **headers,
        },
        timeout=settings.MATCHING_SERVICE_TIMEOUT_SECONDS,
        redirect=False,
        preload_content=False,
    )
    response.close()
    return Answer(judge(response.status), f"answered {response.status}", read_retry_after(response))


def judge(status: int) -> Outcome:
    """What a status means; one that does not belong here, such as a redirect, is a failure."""
    if 200 <= status < 300:
        return Outcome.OK
    if status in NO_CALL:
        return Outcome.MISSING
    if status in NOT_NOW:
        return Outcome.AWAY
    if 400 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
        return Outcome.REFUSED
    return Outcome.FAILED


def read_retry_after(response: urllib3.BaseHTTPResponse) -> float:
    """Seconds, up to an hour; 0 for none and for one that cannot be read."""
    try:
        return _patience.get_retry_after(response) or 0.0
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return 0.0
