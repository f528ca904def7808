"""The log of a running service: JSON lines that can be followed by request id, and no secret in them."""

from typing import Any

import orjson
import pytest

from integrations.management.commands.issue_token import sign_token
from tests.observability.conftest import WatchedService


@pytest.fixture
def token() -> str:
    return sign_token("42", is_admin=True)


def facts(line: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from one request to the next."""
    return {name: value for name, value in line.items() if name not in ("asctime", "duration_ms", "request_id")}


@pytest.mark.parametrize(
    ("request_id", "path", "route", "status"),
    [
        ("log-1", "/healthz", "/healthz", 200),
        ("log-2", "/events", "/events", 401),
        ("log-3", "/events/01890000-0000-7000-8000-000000000000/", "/events/<uuid:event_id>", 401),
        ("log-4", "/nothing?page=2", "unrouted", 404),
    ],
)
def test_a_request_is_one_line_of_json_with_its_id(
    request_id: str, path: str, route: str, status: int, service: WatchedService
) -> None:
    response = service.request(path, X_Request_ID=request_id)

    [line] = service.lines(request_id)
    assert (response.status, response.headers["X-Request-ID"]) == (status, request_id)
    assert facts(line) == {
        "levelname": "INFO",
        "name": "event_service.requests",
        "message": "request",
        "method": "GET",
        "route": route,
        "status": status,
    }
    assert line["duration_ms"] > 0


def test_every_line_is_json_and_names_its_request(service: WatchedService, token: str) -> None:
    service.request("/events", X_Request_ID="log-5", Authorization=f"Bearer {token}")

    every = [orjson.loads(line) for line in service.log.read_bytes().splitlines()]
    assert {"asctime", "levelname", "name", "message", "request_id"} - set.intersection(*map(set, every)) == set()
    assert {line["name"]: line["message"] for line in service.lines("log-5")} == {
        "event_service.api": "the database did not answer",
        "event_service.requests": "request",
        "django.request": "Service Unavailable: /events",
    }


def test_a_fault_is_logged_with_its_trace_under_the_id_of_its_request(service: WatchedService, token: str) -> None:
    response = service.request("/events", X_Request_ID="log-6", Authorization=f"Bearer {token}")

    assert response.status == 503
    fault = next(line for line in service.lines("log-6") if line["message"] == "the database did not answer")
    assert (fault["levelname"], fault["name"]) == ("ERROR", "event_service.api")
    assert "OperationalError" in fault["exc_info"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {token}"},
        {"Authorization": "bearer {token}"},
        {"Authorization": "Bearer {token}x"},
        {"Authorization": "Token {token}"},
        {"Cookie": "sessionid={token}"},
    ],
)
def test_no_token_is_ever_logged(headers: dict[str, str], service: WatchedService, token: str) -> None:
    for path in ("/events", "/events/categories", "/admin/", "/nothing"):
        service.request(path, **{name: value.format(token=token) for name, value in headers.items()})

    log = service.log.read_text()
    assert token not in log
    assert token.rsplit(".", 1)[1] not in log


def test_the_lines_of_the_server_itself_are_json_too(service: WatchedService) -> None:
    killed = service.kill_a_worker()

    every = [orjson.loads(line) for line in service.log.read_bytes().splitlines()]
    [line] = [line for line in every if f"(pid:{killed.pid})" in line["message"]]
    assert (line["levelname"], line["name"], line["request_id"]) == ("ERROR", "gunicorn.error", "")
