"""A user-service that stalls, breaks off, lies and floods: bounded exchanges, few repeats, a circuit that opens."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integrations.users import transport
from integrations.users.client import check_user
from integrations.users.transport import UserServiceUnavailableError
from meetinity_events.observability import request_id
from tests.integrations.rude_server import rude_server
from tests.integrations.user_service import JOHN, NO_USER, SEVEN, failed, paths

PATIENCE_SECONDS = 60


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    settings.USER_SERVICE_TIMEOUT_SECONDS = PATIENCE_SECONDS
    return httpserver


def ask(token: str = "") -> bool | None:
    """Whether user 7 is active, or None when nobody says."""
    try:
        return check_user(SEVEN, token).is_active
    except UserServiceUnavailableError:
        return None


def in_turn(server: HTTPServer, *responses: Response) -> None:
    """These answers, and then no more."""
    for response in responses:
        server.expect_oneshot_request("/users/7/validate").respond_with_response(response)


def test_token_request_id_and_trace_are_passed_on(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    tokens = request_id._request_id.set("req-1"), request_id._traceparent.set(trace)

    assert ask("abc")

    request_id._request_id.reset(tokens[0])
    request_id._traceparent.reset(tokens[1])
    headers = user_service.log[0][0].headers
    assert headers["Authorization"] == "Bearer abc"
    assert (headers["X-Request-ID"], headers["traceparent"]) == ("req-1", trace)


def test_ids_and_tokens_cannot_leave_their_place(user_service: HTTPServer) -> None:
    seen: list[str] = []

    def remember(request: Request) -> Response:
        seen.append(request.environ["REQUEST_URI"])
        return Response(b"{}")

    user_service.expect_request("/users/a/../b?c/validate").respond_with_handler(remember)
    with pytest.raises(UserServiceUnavailableError):
        check_user(transport_subject("a/../b?c"), "")
    assert seen in ([], ["/users/a%2F..%2Fb%3Fc/validate"])
    assert ask("a\r\nX-Evil: 1") is None
    assert all("X-Evil" not in request.headers for request, _ in user_service.log)


def transport_subject(upstream_id: str) -> Any:
    return type(SEVEN)(SEVEN.id, upstream_id)


@pytest.mark.parametrize(
    ("manners", "cause"),
    [
        ({}, "timeout"),
        ({"first": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "drip": b" "}, "timeout"),
        ({"first": b"HTTP/1.1 200 OK\r\nX-Slow: ", "drip": b"a"}, "timeout"),
        ({"is_reset": True}, "connection"),
        ({"first": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"}, "connection"),
        ({"first": b"SSH-2.0-OpenSSH_9.6\r\n"}, "connection"),
        ({"first": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n"}, "connection"),
        ({"first": b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 101 + b"\r\n"}, "connection"),
        ({"first": b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 200_000, "drip": b"x"}, "too large"),
        ({"first": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlies\r\n"}, "connection"),
    ],
    ids=[
        "silent",
        "a body that drips",
        "a header that drips",
        "reset",
        "cut off",
        "another protocol",
        "an endless header",
        "endless headers",
        "a flood",
        "no chunks",
    ],
)
def test_bad_manners_end_within_the_timeout(settings: Any, manners: dict[str, Any], cause: str) -> None:
    """Without a deadline for the whole answer, the first three would take hours."""
    settings.USER_SERVICE_TIMEOUT_SECONDS = 0.3
    before = failed(cause)
    with rude_server(**manners) as server:
        settings.USER_SERVICE_URL = server.url

        assert ask() is None
    assert failed(cause) > before


def test_a_connection_that_breaks_is_tried_once_more(settings: Any) -> None:
    with rude_server(is_reset=True) as server:
        settings.USER_SERVICE_URL = server.url
        assert ask() is None
        assert server.callers == 2


def test_a_5xx_is_tried_once_more_and_the_second_answer_counts(user_service: HTTPServer) -> None:
    in_turn(user_service, Response("", 503), Response('{"exists": true, "is_active": false}'))

    assert ask() is False


@pytest.mark.parametrize("answer", [Response("", 429), Response("", 401), Response("nonsense"), NO_USER])
def test_what_would_not_change_is_not_tried_again(user_service: HTTPServer, answer: Response) -> None:
    in_turn(user_service, answer)

    ask()
    assert paths(user_service) == ["/users/7/validate"]


def test_a_silent_user_service_is_not_asked_twice(settings: Any) -> None:
    settings.USER_SERVICE_TIMEOUT_SECONDS = 0.1
    with rude_server() as server:
        settings.USER_SERVICE_URL = server.url
        assert ask() is None
        assert server.callers == 1


def test_retries_end_with_their_budget_and_come_back_with_good_calls(
    user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten at once, then one for ten calls: a user-service in trouble is not asked twice as much."""
    monkeypatch.setattr(transport.circuit, "_failure_threshold", 1000)
    down = user_service.expect_request("/users/7/validate")
    down.respond_with_response(Response("", 503))

    for _ in range(15):
        ask()
    # Ten of the budget, and one that the first ten calls earned on the way.
    assert len(user_service.log) == 15 + 11


def test_a_circuit_opens_after_five_failures_in_a_row_and_nobody_is_asked(settings: Any) -> None:
    before = failed("circuit open")
    with rude_server(first=b"HTTP/1.1 429 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n") as server:
        settings.USER_SERVICE_URL = server.url
        settings.USER_SERVICE_TIMEOUT_SECONDS = PATIENCE_SECONDS
        for _ in range(8):
            assert ask() is None
        assert server.callers == transport.FAILURES_BEFORE_OPENING == 5
    assert failed("circuit open") == before + 3


@pytest.mark.parametrize("answer", [NO_USER, Response("", 401), Response("{}", 404)])
def test_a_user_service_that_answers_keeps_the_circuit_closed(user_service: HTTPServer, answer: Response) -> None:
    user_service.expect_request("/users/7/validate").respond_with_response(answer)
    user_service.expect_request("/users/7").respond_with_response(answer)

    for _ in range(10):
        ask()
    assert transport.circuit.closed


def open_circuit() -> None:
    """As five failures would, so long ago that it is time to try."""
    for _ in range(transport.FAILURES_BEFORE_OPENING):
        with pytest.raises(transport.UserServiceFailedError), transport.circuit:
            raise transport.UserServiceFailedError
    transport.circuit._opened -= transport.OPEN_SECONDS


def test_after_five_seconds_one_good_answer_closes_the_circuit(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    open_circuit()

    assert ask()
    assert transport.circuit.closed


def test_after_five_seconds_one_bad_answer_opens_it_again(user_service: HTTPServer) -> None:
    in_turn(user_service, Response("", 503))
    open_circuit()

    assert [ask(), ask()] == [None, None]
    assert len(user_service.log) == 1


def test_threads_ask_side_by_side(settings: Any) -> None:
    """Each call is answered only once all four have arrived: a circuit that let one pass at a time would fail."""
    all_there = threading.Barrier(4, timeout=PATIENCE_SECONDS)

    def answer(request: Request) -> Response:
        all_there.wait()
        return Response('{"exists": true, "is_active": true}')

    settings.USER_SERVICE_TIMEOUT_SECONDS = PATIENCE_SECONDS
    with HTTPServer(threaded=True) as server, ThreadPoolExecutor(4) as pool:
        settings.USER_SERVICE_URL = server.url_for("")
        server.expect_request("/users/7/validate").respond_with_handler(answer)

        assert list(pool.map(lambda _: ask(), range(4))) == [True] * 4


def test_calls_after_a_bad_one_are_good_again(user_service: HTTPServer) -> None:
    good = '{"exists": true, "is_active": true}'
    in_turn(user_service, Response("x" * 200_000), Response(good), Response(good))

    assert [ask(), ask(), ask()] == [None, True, True]
