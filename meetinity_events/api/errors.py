"""One envelope for every refusal: `{"error": {"code": 422, "message": "...", "details": {"field": ["..."]}}}`."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler, set_rollback

from meetinity_events.errors import Details, DomainError

RETRY_AFTER_SECONDS = "1"
logger = logging.getLogger("event_service.api")


def envelope(status: int, message: str, details: Details | None = None) -> dict[str, Any]:
    """The body of every refusal."""
    return {"error": {"code": status, "message": message, "details": dict(details or {})}}


def refuse(status: int, message: str) -> JsonResponse:
    """A refusal outside of DRF, with its length: it may leave before Django's own middleware would have set it."""
    response = JsonResponse(envelope(status, message), status=status)
    response["Content-Length"] = str(len(response.content))
    return response


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. None lets Django answer 500, in the same envelope."""
    if isinstance(error, DomainError):
        set_rollback()
        headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else None
        body = envelope(error.http_status, error.message, error.details)
        return Response(body, status=error.http_status, headers=headers)
    if isinstance(error, (OperationalError, InterfaceError)):
        return database_is_away(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    status, details = response.status_code, dict[str, list[str]]()
    if isinstance(error, exceptions.ValidationError):
        status, details = HTTPStatus.UNPROCESSABLE_ENTITY, dict(flatten(error.detail))
    response.status_code = status
    response.data = envelope(status, message_of(error), details)
    return response


def message_of(error: Exception) -> str:
    """One sentence for people."""
    if isinstance(error, exceptions.ValidationError):
        return "Some fields are not valid."
    if isinstance(error, exceptions.Throttled):
        return "Too many requests; try again later."
    if isinstance(error, Http404):
        return "Not found."
    if isinstance(error, PermissionDenied):
        return "You may not do this."
    detail = error.detail if isinstance(error, exceptions.APIException) else ""
    return str(detail.get("detail", "Refused.")) if isinstance(detail, dict) else str(detail)


def flatten(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """DRF's nested error tree as dotted paths: `tags.3` and its sentences."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from flatten(inner, f"{path}.{own}".strip("."))
    elif isinstance(detail, list) and any(isinstance(inner, (Mapping, list)) for inner in detail):
        for index, inner in enumerate(detail):
            yield from flatten(inner, f"{path}.{index}" if path else str(index))
    elif detail:
        sentences = detail if isinstance(detail, list) else [detail]
        yield path or "body", [str(sentence) for sentence in sentences]


def database_is_away(error: Exception) -> Response:
    """503: PostgreSQL does not answer, or a lock did not come within LOCK_TIMEOUT_MILLISECONDS."""
    set_rollback()
    logger.error("the database did not answer", exc_info=error)
    body = envelope(HTTPStatus.SERVICE_UNAVAILABLE, "The service is busy; try again in a moment.")
    return Response(body, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER_SECONDS})


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400: a request that no view saw."""
    return refuse(400, "The request cannot be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler403."""
    return refuse(403, "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler404: no such address."""
    return refuse(404, "Not found.")


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500: our fault; the request id in the header finds the log line."""
    return refuse(500, "Something went wrong on our side.")
