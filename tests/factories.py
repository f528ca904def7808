"""The things that tests are made of: callers and events."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.test import TestCase
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient, ForceAuthClientHandler

from events.models import Event
from events.services.create_event import create_event
from integrations.models import Destination, OutboxMessage
from meetinity_events.api.principal import Principal
from tests.described import require_described

JSON = "application/json"
HANDLER = ForceAuthClientHandler(enforce_csrf_checks=False)  # one for all: each new one reads every static file anew


@dataclass
class Caller:
    """Someone with a token, or without one, who calls the service."""

    principal: Principal | None

    @property
    def id(self) -> Any:
        """The user's id."""
        assert self.principal is not None
        return self.principal.id

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send a request. A body goes as JSON, bytes as they are; headers are named as `HTTP_ORIGIN`."""
        client = APIClient(raise_request_exception=False)
        client.handler = HANDLER
        if self.principal is not None:
            headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.principal.token}")
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, default=str).encode()
        with TestCase.captureOnCommitCallbacks(execute=True):  # the test's own transaction never commits
            response = client.generic(method, path, content, content_type=headers.pop("CONTENT_TYPE", JSON), **headers)
        require_described(method, response)
        return response

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Response:
        """GET with query parameters."""
        return self.call("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        """POST."""
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Response:
        """PATCH."""
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Response:
        """DELETE."""
        return self.call("DELETE", path, **headers)


def in_days(days: float) -> datetime:
    """An instant, to the second, that many days from now."""
    return timezone.now().replace(microsecond=0) + timedelta(days=days)


def event_fields(**changes: Any) -> dict[str, Any]:
    """A valid body of `POST /events`."""
    return {
        "title": "Tech Networking Meetup",
        "category": "Networking",
        "start_date": in_days(7).isoformat(),
        "location": "San Francisco, CA",
        "tags": ["tech", "startup"],
        **changes,
    }


def make_event(organiser: Caller, *, category: str = "Networking", **fields: Any) -> Event:
    """An event of `organiser`, a week ahead unless said otherwise."""
    assert organiser.principal is not None
    defaults = {"title": "Tech Networking Meetup", "start_date": in_days(7), "location": "San Francisco, CA"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return create_event(organiser=organiser.principal, fields={**defaults, **fields}, category=category)


def messages(message_type: str | None = None) -> list[dict[str, Any]]:
    """The payloads for Kafka in the outbox, in order, of one type or of all."""
    rows = OutboxMessage.objects.filter(destination=Destination.KAFKA).order_by("id")
    return [row.payload for row in rows if message_type in (None, row.message_type)]


def promised_attendance() -> list[dict[str, Any]]:
    """The payloads for matching-service in the outbox, in order."""
    rows = OutboxMessage.objects.filter(destination=Destination.MATCHING).order_by("id")
    return [row.payload for row in rows]


def snapshot(event: Event) -> tuple[Any, ...]:
    """All that a refused write must leave as it was: the event's row, its registrations, the outbox."""
    return (
        Event.objects.filter(pk=event.pk).values().get(),
        list(event.registrations.order_by("id").values()),
        list(OutboxMessage.objects.order_by("id").values_list("id", "payload")),
    )
