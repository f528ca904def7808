"""One call to matching-service: what goes out, and what each answer is taken for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integrations.matching.attendance import Attendance
from integrations.matching.client import Answer, Outcome, tell_attendance
from tests.integrations.rude_server import rude_server

PATH = "/matches/events/attendance"
BODY: Attendance = {
    "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "attendees": ["00000000-0000-0000-0000-000000000005"],
    "event_category": "Café",
    "event_tags": ["tech", "startup"],
}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def matching(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.MATCHING_SERVICE_URL = httpserver.url_for("")
    return httpserver


def counted(outcome: Outcome) -> float:
    return REGISTRY.get_sample_value("matching_calls_total", {"outcome": outcome}) or 0.0


def answered(server: HTTPServer, response: Response) -> Answer:
    server.expect_request(PATH, method="POST").respond_with_response(response)
    return tell_attendance(BODY, {})


def test_the_call_is_the_platforms_with_request_id_and_trace_and_without_a_token(matching: HTTPServer) -> None:
    matching.expect_request(PATH, method="POST").respond_with_json({"matched": 3})
    before = counted(Outcome.OK)

    answer = tell_attendance(BODY, {"X-Request-ID": "req-1", "traceparent": TRACE})

    assert answer == Answer(Outcome.OK, "answered 200")
    ((request, _),) = matching.log
    assert request.get_json() == BODY
    names = ("Accept", "Content-Type", "User-Agent", "X-Request-ID", "traceparent", "Authorization")
    assert [request.headers.get(name) for name in names] == [
        "application/json",
        "application/json",
        "event-service",
        "req-1",
        TRACE,
        None,
    ]
    assert counted(Outcome.OK) == before + 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.OK) for status in (200, 201, 202, 204)),
        *((status, Outcome.MISSING) for status in (404, 405, 410)),
        *((status, Outcome.REFUSED) for status in (400, 401, 403, 409, 413, 415, 418, 422)),
        *((status, Outcome.FAILED) for status in (301, 302, 304, 307, 408, 500, 501, 599)),
        *((status, Outcome.AWAY) for status in (429, 502, 503, 504)),
    ],
)
def test_a_status_is_taken_for_what_it_means(matching: HTTPServer, status: int, outcome: Outcome) -> None:
    before = counted(outcome)

    assert answered(matching, Response("", status)) == Answer(outcome, f"answered {status}")
    assert counted(outcome) == before + 1


def test_a_redirect_is_not_followed(matching: HTTPServer) -> None:
    matching.expect_request("/elsewhere").respond_with_data("welcome")

    assert answered(matching, Response("", 307, {"Location": "/elsewhere"})).outcome == Outcome.FAILED
    assert [request.path for request, _ in matching.log] == [PATH]


def http_date(**ahead: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 300, 3600.0),
        ("9" * 5000, 0.0),
        ("-5", 0.0),
        ("1e3", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Wed, 21 Oct 99999 07:28:00 GMT", 0.0),
    ],
)
def test_patience_is_granted_up_to_an_hour(matching: HTTPServer, asked: str, kept: float) -> None:
    assert answered(matching, Response("", 429, {"Retry-After": asked})).retry_after_seconds == kept


def test_patience_may_be_asked_for_by_the_clock(matching: HTTPServer) -> None:
    answer = answered(matching, Response("", 503, {"Retry-After": http_date(minutes=5)}))

    assert answer.retry_after_seconds == pytest.approx(300, abs=30)


def test_a_refused_connection_is_a_service_that_is_away() -> None:
    before = counted(Outcome.AWAY)

    assert tell_attendance(BODY, {}) == Answer(Outcome.AWAY, "no answer: NewConnectionError")
    assert counted(Outcome.AWAY) == before + 1


@pytest.mark.parametrize(
    ("manners", "error"),
    [
        ({}, "ReadTimeoutError"),
        ({"first": b"HTTP/1.1 200 OK\r\nX-Slow: ", "drip": b"a"}, "ReadTimeoutError"),
        ({"is_reset": True}, "ProtocolError"),
        ({"first": b"HTTP/1.1 2"}, "ProtocolError"),
        ({"first": b"SSH-2.0-OpenSSH_9.6\r\n"}, "ProtocolError"),
        ({"first": b"HTTP/1.1 99999 OK\r\n\r\n"}, "ProtocolError"),
        ({"first": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n"}, "ProtocolError"),
    ],
    ids=["silent", "a header that drips", "reset", "cut off", "another protocol", "no status", "an endless header"],
)
def test_whoever_speaks_no_http_in_time_is_away(settings: Any, manners: dict[str, Any], error: str) -> None:
    """With a timeout that did not end the silent and the dripping one, this test would not end either."""
    settings.MATCHING_SERVICE_TIMEOUT_SECONDS = 0.3
    with rude_server(**manners) as server:
        settings.MATCHING_SERVICE_URL = server.url

        assert tell_attendance(BODY, {}) == Answer(Outcome.AWAY, f"no answer: {error}")


@pytest.mark.parametrize(
    "manners",
    [
        {"first": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "drip": b" "},
        {"first": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{"},
        {"first": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nlies"},
        {"first": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlies\r\n"},
    ],
    ids=["dripping", "cut off", "not what it says", "no chunks"],
)
def test_a_2xx_is_believed_whatever_becomes_of_its_body(settings: Any, manners: dict[str, Any]) -> None:
    with rude_server(**manners) as server:
        settings.MATCHING_SERVICE_URL = server.url

        assert tell_attendance(BODY, {}) == Answer(Outcome.OK, "answered 200")


def test_calls_after_a_bad_one_are_good_again(matching: HTTPServer) -> None:
    statuses = iter([500, 200, 200])

    def answer(request: Request) -> Response:
        return Response("x" * 200_000, next(statuses))

    matching.expect_request(PATH, method="POST").respond_with_handler(answer)

    assert [tell_attendance(BODY, {}).detail for _ in range(3)] == ["answered 500", "answered 200", "answered 200"]
