"""User-service as it is promised, as it is today, and as it should never be."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integrations.users import client
from integrations.users.client import UserCheck, require_active_user, validate_user
from integrations.users.errors import UserNotActive
from meetinity_events.observability import request_id

JOHN = {"exists": True, "is_active": True, "name": "John Doe"}


@pytest.fixture(autouse=True)
def _user_service_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows what another one has learnt about the routes."""
    monkeypatch.setattr(client, "_no_promised_route_until", float("-inf"))


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    return httpserver


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("user_service_calls_total", {"outcome": outcome}) or 0.0


def paths(server: HTTPServer) -> list[str]:
    return [request.path for request, _ in server.log]


def test_the_promised_call_is_asked_and_believed(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    before = counted("ok")

    assert validate_user(upstream_id="7") == UserCheck(exists=True, is_active=True, name="John Doe")
    assert counted("ok") == before + 1


def test_token_request_id_and_trace_are_passed_on(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    tokens = request_id._request_id.set("req-1"), request_id._traceparent.set(trace)

    validate_user(upstream_id="7", token="abc")

    request_id._request_id.reset(tokens[0])
    request_id._traceparent.reset(tokens[1])
    headers = user_service.log[0][0].headers
    assert headers["Authorization"] == "Bearer abc"
    assert (headers["X-Request-ID"], headers["traceparent"]) == ("req-1", trace)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"exists": False}),
        (200, {"exists": False, "is_active": False, "name": None}),
        (404, {"error": {"code": 404, "message": "User not found"}}),
        (200, {**JOHN, "is_active": False}),
    ],
)
def test_a_definite_no_is_refused(user_service: HTTPServer, status: int, body: Any) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(body, status=status)

    with pytest.raises(UserNotActive) as refusal:
        require_active_user(upstream_id="7")
    assert refusal.value.http_status == 403


def no_route(server: HTTPServer, status: int = 404) -> None:
    server.expect_request("/users/7/validate").respond_with_json({"message": "Resource missing"}, status=status)


@pytest.mark.parametrize("status", [404, 405])
def test_todays_call_is_asked_where_the_promised_one_is_missing_and_that_is_remembered(
    user_service: HTTPServer, status: int
) -> None:
    no_route(user_service, status)
    user = {"id": 7, "name": "John Doe", "is_active": True, "email": "john@example.com"}
    user_service.expect_request("/users/7").respond_with_json({"user": user})

    for _ in range(2):
        assert validate_user(upstream_id="7") == UserCheck(exists=True, is_active=True, name="John Doe")

    assert paths(user_service) == ["/users/7/validate", "/users/7", "/users/7"]


def test_a_promoted_user_service_is_found_again(user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ROUTE_MEMORY_SECONDS", 0.0)
    no_route(user_service)
    user_service.expect_request("/users/7").respond_with_json({"user": {"is_active": False}})
    with pytest.raises(UserNotActive):
        require_active_user(upstream_id="7")

    user_service.clear()
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    require_active_user(upstream_id="7")


def test_a_user_who_is_missing_today_is_refused(user_service: HTTPServer) -> None:
    no_route(user_service)
    user_service.expect_request("/users/7").respond_with_json({"error": "user not found"}, status=404)
    before = counted("missing")

    with pytest.raises(UserNotActive):
        require_active_user(upstream_id="7")
    assert counted("missing") == before + 1


@pytest.mark.parametrize(
    "answer",
    [
        Response("down", 500),
        Response("later", 503),
        Response("who?", 401),
        Response("", 302, {"Location": "/elsewhere"}),
        Response("<html>", 200),
        Response("[]", 200),
        Response("null", 200),
        Response('{"exists": "yes", "is_active": true}', 200),
        Response('{"exists": true}', 200),
        Response('{"exists": true, "is_active": 1}', 200),
        Response("x" * 100_000, 200),
    ],
)
def test_an_answer_that_says_nothing_lets_pass_and_is_counted(user_service: HTTPServer, answer: Response) -> None:
    user_service.expect_request("/users/7/validate").respond_with_response(answer)
    before = counted("degraded")

    assert validate_user(upstream_id="7") is None
    require_active_user(upstream_id="7")
    assert counted("degraded") == before + 2


def test_a_user_service_without_either_route_lets_pass(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_data("<h1>Not Found</h1>", status=404)
    user_service.expect_request("/users/7").respond_with_data("<h1>Not Found</h1>", status=404)

    assert validate_user(upstream_id="7") is None


def test_a_refused_connection_lets_pass(settings: Any) -> None:
    settings.USER_SERVICE_URL = "http://127.0.0.1:9"
    assert validate_user(upstream_id="7") is None


@pytest.fixture
def tormentor(settings: Any) -> Iterator[dict[str, bytes]]:
    """Takes each connection, sends `first` and then one byte of `then` every 50 ms until the caller leaves."""
    behaviour = {"first": b"", "then": b""}
    settings.USER_SERVICE_TIMEOUT_SECONDS = 0.3
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.USER_SERVICE_URL = f"http://127.0.0.1:{server.getsockname()[1]}"
        thread = threading.Thread(target=torment, args=(server, behaviour))
        thread.start()
        yield behaviour
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def torment(server: socket.socket, behaviour: dict[str, bytes]) -> None:
    try:
        connection, _ = server.accept()
    except OSError:
        return
    with connection:
        try:
            connection.sendall(behaviour["first"])
            while True:
                connection.sendall(behaviour["then"])
                time.sleep(0.05)
                if not behaviour["then"] and connection.recv(10_000) == b"":
                    return
        except OSError:
            return


@pytest.mark.parametrize(
    ("first", "then"),
    [(b"", b""), (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "), (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")],
    ids=["silent", "a body that drips", "a header that drips"],
)
def test_a_slow_user_service_lets_pass_within_the_timeout(
    tormentor: dict[str, bytes], first: bytes, then: bytes
) -> None:
    """Otherwise this test takes an hour."""
    tormentor.update(first=first, then=then)

    assert validate_user(upstream_id="7") is None


def test_ids_and_tokens_cannot_leave_their_place(user_service: HTTPServer) -> None:
    seen: list[str] = []

    def remember(request: Request) -> Response:
        seen.append(request.environ["REQUEST_URI"])
        return Response("{}")

    user_service.expect_request("/users/a/../b?c/validate").respond_with_handler(remember)
    validate_user(upstream_id="a/../b?c")
    assert seen in ([], ["/users/a%2F..%2Fb%3Fc/validate"])
    assert validate_user(upstream_id="7", token="a\r\nX-Evil: 1") is None
    assert all("X-Evil" not in request.headers for request, _ in user_service.log)
