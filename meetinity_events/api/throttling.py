"""The platform's hourly limits per user, counted by one atomic step in Redis; an outage of Redis limits nobody.

A view names the limit of each action: `rate_limits = {"list": "browse"}`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from meetinity_events.api.authentication import principal_of
from meetinity_events.api.cache import Gate, LookUp
from meetinity_events.observability import metrics

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one limit in the running hour."""

    limit: int
    used: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        """Requests that would still pass."""
        return max(self.limit - self.used, 0)


class HourlyThrottle(BaseThrottle):
    """Refuses the request after the last one allowed in the hour (429)."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        """Count this request; True while the count is within the limit."""
        scope = getattr(view, "rate_limits", {}).get(getattr(view, "action", None))
        if scope is None:
            return True
        self.allowance = spend(scope, str(principal_of(request).id))
        if self.allowance is None:
            return True
        request._request.rate_limit = self.allowance  # type: ignore[attr-defined]
        return self.allowance.used <= self.allowance.limit

    def wait(self) -> float | None:
        """Seconds until the hour is over."""
        return self.allowance.reset_seconds if self.allowance else None


class RateLimitHeadersMiddleware:
    """`RateLimit-*` on every answer of a limited route, refusals included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with the headers where the throttle left an allowance on the request."""
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "rate_limit", None)
        if allowance is not None:
            response["RateLimit-Limit"] = str(allowance.limit)
            response["RateLimit-Remaining"] = str(allowance.remaining)
            response["RateLimit-Reset"] = str(allowance.reset_seconds)
        return response


def spend(scope: str, user: str) -> Allowance | None:
    """Count one request of `user` in the running hour, in one step. None when Redis is away."""
    now = seconds_now()
    gate = Gate(user, "", counter_of(scope, user, now), settings.RATE_LIMITS[scope], HOUR_SECONDS)
    return allowance_of(scope, LookUp([], gate).used, now)


def seconds_now() -> int:
    """Since 1970."""
    return int(time.time())


def counter_of(scope: str, user: str, now: int) -> str:
    """The key of the counter of the hour in which `now` (seconds) lies."""
    return f"limit:{scope}:{user}:{now // HOUR_SECONDS}"


def allowance_of(scope: str, used: int | None, now: int) -> Allowance | None:
    """What the counter leaves; None where nobody counted."""
    if used is None:
        metrics.RATE_LIMIT_UNCOUNTED.inc()
        return None
    return Allowance(settings.RATE_LIMITS[scope], used, HOUR_SECONDS - now % HOUR_SECONDS)
