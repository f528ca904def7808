"""A user-service over real HTTP, as it is promised or as it is today, and what it was asked."""

import re
from typing import Any
from uuid import UUID

import orjson
from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from meetinity_events.api.principal import Principal, Subject

JOHN = {"exists": True, "is_active": True, "name": "John Doe"}
NO_ROUTE = Response('{"error": "The requested URL was not found on the server."}', 404)
NO_USER = Response('{"error": {"code": 404, "message": "user not found"}}', 404)
SEVEN = Subject(UUID(int=7), "7")
CALLER = Principal(UUID(int=7), "7", token="abc")


def profile(number: int, **changes: Any) -> dict[str, Any]:
    """A user as user-service tells them, with more than we may know."""
    return {
        "id": number,
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "photo_url": f"https://pictures.example/{number}.png",
        "location": "San Francisco, CA",
        "industry": "Technology",
        "interests": ["AI", "Networking"],
        "is_active": True,
        **changes,
    }


def answer_batches(server: HTTPServer) -> None:
    """Know everybody, as promised."""

    def answer(request: Request) -> Response:
        ids = orjson.loads(request.data)["user_ids"]
        return Response(orjson.dumps([profile(number) for number in ids]))

    server.expect_request("/users/batch", method="POST").respond_with_handler(answer)


def answer_singly(server: HTTPServer) -> None:
    """Know everybody, as today: no call but `GET /users/<int>`."""

    def answer(request: Request) -> Response:
        number = request.path.removeprefix("/users/")
        return Response(orjson.dumps({"user": profile(int(number))})) if number.isdigit() else NO_ROUTE

    server.expect_request(re.compile(".*")).respond_with_handler(answer)


def paths(server: HTTPServer) -> list[str]:
    """What was asked, in order."""
    return [request.path for request, _ in server.log]


def asked_in_batches(server: HTTPServer) -> list[list[int]]:
    """The ids of each batch, in order."""
    return [orjson.loads(request.data)["user_ids"] for request, _ in server.log if request.path == "/users/batch"]


def counted(outcome: str) -> float:
    """How often a question ended so."""
    return REGISTRY.get_sample_value("user_service_calls_total", {"outcome": outcome}) or 0.0


def failed(cause: str) -> float:
    """How often an exchange failed for this cause."""
    return REGISTRY.get_sample_value("user_service_failures_total", {"cause": cause}) or 0.0
