"""The id that follows a request through logs, messages and calls to other services."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

KEY = "meetinity.request_id"  # in request.META, for what Django logs about a request after it has been answered

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_traceparent: ContextVar[str] = ContextVar("traceparent", default="")


def current_request_id() -> str:
    """The id of the request being served, or empty outside of one."""
    return _request_id.get()


def current_traceparent() -> str:
    """The W3C trace context that the request came with, or empty."""
    return _traceparent.get()


class RequestIdMiddleware:
    """Takes a well-formed `X-Request-ID` or makes one, and echoes it on the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its id."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.fullmatch(given) else str(uuid4())
        request.META[KEY] = request_id
        trace = request.headers.get("traceparent", "")
        id_token = _request_id.set(request_id)
        trace_token = _traceparent.set(trace if TRACEPARENT.fullmatch(trace) else "")
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(id_token)
            _traceparent.reset(trace_token)
        response["X-Request-ID"] = request_id
        return response
