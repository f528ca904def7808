"""Which pages may call the service from a browser, and with which headers."""

from typing import Any

import pytest
from rest_framework.response import Response

from tests.factories import Caller, event_fields

pytestmark = pytest.mark.django_db

PORTAL = "http://localhost:3000"
STRANGER = "https://evil.example"
SENT_BY_THE_CLIENTS = {
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "x-client-platform",
    "x-client-version",
    "x-request-id",
}
READ_BY_THE_CLIENTS = {
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
}


def preflight(caller: Caller, origin: str, path: str = "/events") -> Response:
    return caller.call(
        "OPTIONS",
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="PATCH",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS=",".join(sorted(SENT_BY_THE_CLIENTS)),
    )


def cors_headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.items() if name.lower().startswith("access-control-")}


def words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}


@pytest.mark.parametrize("path", ["/events", "/events/", "/events/categories", "/api/events"])
def test_a_preflight_from_an_allowed_page_needs_no_token(path: str, anonymous: Caller) -> None:
    response = preflight(anonymous, PORTAL, path)

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, PORTAL)
    assert SENT_BY_THE_CLIENTS - words(response["Access-Control-Allow-Headers"]) == set()
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} - words(response["Access-Control-Allow-Methods"]) == set()


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost:3001", "http://localhost:8080"])
def test_the_platforms_own_pages_are_allowed(origin: str, anonymous: Caller) -> None:
    assert preflight(anonymous, origin)["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin",
    [STRANGER, "null", "http://localhost:3000.evil.example", "https://localhost:3000", "http://localhost", "*", ""],
)
def test_another_page_gets_nothing(origin: str, anonymous: Caller, alice: Caller) -> None:
    assert cors_headers(preflight(anonymous, origin)) == {}
    assert cors_headers(alice.get("/events", HTTP_ORIGIN=origin)) == {}


def test_an_allowed_page_may_read_the_answer_and_its_headers(alice: Caller) -> None:
    response = alice.post("/events", event_fields(), HTTP_ORIGIN=PORTAL)

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (201, PORTAL)
    assert words(response["Access-Control-Expose-Headers"]) == READ_BY_THE_CLIENTS
    assert "origin" in words(response["Vary"].lower())
    assert "Access-Control-Allow-Credentials" not in response


def test_an_allowed_page_may_read_refusals_too(alice: Caller, anonymous: Caller, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "browse": 1}
    responses = [
        alice.post("/events", b"{", HTTP_ORIGIN=PORTAL),
        anonymous.get("/events", HTTP_ORIGIN=PORTAL),
        anonymous.get("/nothing", HTTP_ORIGIN=PORTAL),
        alice.delete("/events", HTTP_ORIGIN=PORTAL),
        alice.post("/events", b" " * (1024 * 1024 + 1), HTTP_ORIGIN=PORTAL),
        *(alice.get("/events", HTTP_ORIGIN=PORTAL) for _ in range(2)),
    ]

    assert [response.status_code for response in responses] == [400, 401, 404, 405, 413, 200, 429]
    assert [response["Access-Control-Allow-Origin"] for response in responses] == [PORTAL] * 7


def test_the_pages_of_a_deployment_take_the_place_of_the_platforms(anonymous: Caller, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://meetinity.example"]

    assert cors_headers(preflight(anonymous, PORTAL)) == {}
    assert preflight(anonymous, "https://meetinity.example").status_code == 200
