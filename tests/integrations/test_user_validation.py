"""Who may take part: user-service's word, its last word while it is away, and the policy when it never said any."""

from typing import Any

import pytest
from django_redis import get_redis_connection
from pytest_httpserver import HTTPServer
from werkzeug import Response

from integrations.users import kept
from integrations.users.answers import UserCheck
from integrations.users.errors import UserNotActive, UserNotValidated
from integrations.users.validation import require_active_user, validate_user
from tests.factories import Caller, event_fields, make_event, snapshot
from tests.integrations.user_service import CALLER, JOHN, NO_USER, counted

ACTIVE = UserCheck(exists=True, is_active=True, name="John Doe")


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    return httpserver


def says(server: HTTPServer, response: Response) -> None:
    server.clear()
    server.expect_request("/users/7/validate").respond_with_response(response)


def test_an_active_user_passes_and_is_counted(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    before = counted("ok")

    assert validate_user(CALLER) == ACTIVE
    require_active_user(CALLER)
    assert counted("ok") == before + 2


@pytest.mark.parametrize(
    "answer",
    [
        Response('{"exists": false}'),
        Response('{"exists": false, "is_active": false, "name": null}'),
        Response('{"exists": true, "is_active": false, "name": "John Doe"}'),
        NO_USER,
    ],
)
def test_a_definite_no_is_refused(user_service: HTTPServer, answer: Response) -> None:
    says(user_service, answer)

    with pytest.raises(UserNotActive) as refusal:
        require_active_user(CALLER)
    assert refusal.value.http_status == 403


def test_a_user_who_is_missing_is_counted(user_service: HTTPServer) -> None:
    says(user_service, NO_USER)
    before = counted("missing")

    assert validate_user(CALLER) == UserCheck(exists=False, is_active=False, name="")
    assert counted("missing") == before + 1


@pytest.mark.parametrize(
    "answer",
    [
        Response("down", 500),
        Response("later", 503),
        Response("who?", 401),
        Response("slower", 429),
        Response("", 302, {"Location": "/elsewhere"}),
        Response("<html>", 200),
        Response("[]", 200),
        Response("null", 200),
        Response('{"exists": "yes", "is_active": true}', 200),
        Response('{"exists": true}', 200),
        Response('{"exists": true, "is_active": 1}', 200),
        Response("x" * 100_000, 200),
        Response("lies", 200, {"Content-Encoding": "gzip"}),
        Response("<h1>Not Found</h1>", 404),
    ],
)
def test_an_answer_that_says_nothing_lets_pass_and_is_counted(user_service: HTTPServer, answer: Response) -> None:
    says(user_service, answer)
    user_service.expect_request("/users/7").respond_with_response(answer)
    before = counted("degraded")

    assert validate_user(CALLER) is None
    require_active_user(CALLER)
    assert counted("degraded") == before + 1


def test_a_closed_deployment_lets_nobody_pass_unasked(settings: Any) -> None:
    settings.USER_VALIDATION = "closed"
    before = counted("refused"), counted("degraded")

    with pytest.raises(UserNotValidated) as refusal:
        require_active_user(CALLER)
    assert (refusal.value.http_status, refusal.value.retry_after_seconds) == (424, 5)
    assert (counted("refused"), counted("degraded")) == (before[0] + 1, before[1])


@pytest.mark.parametrize("policy", ["open", "closed"])
def test_the_last_word_counts_while_user_service_is_away(user_service: HTTPServer, settings: Any, policy: str) -> None:
    settings.USER_VALIDATION = policy
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    require_active_user(CALLER)
    before = counted("stale")

    says(user_service, Response("down", 500))
    require_active_user(CALLER)
    assert counted("stale") == before + 1


def test_a_user_who_was_inactive_does_not_pass_because_user_service_is_away(user_service: HTTPServer) -> None:
    says(user_service, Response('{"exists": true, "is_active": false, "name": "John Doe"}'))
    with pytest.raises(UserNotActive):
        require_active_user(CALLER)

    says(user_service, Response("down", 500))
    with pytest.raises(UserNotActive):
        require_active_user(CALLER)


def test_the_last_word_is_good_for_an_hour_and_is_never_preferred_to_the_next(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    require_active_user(CALLER)
    assert 3590 < get_redis_connection("default").ttl(kept.check_key(CALLER.id)) <= 3600

    says(user_service, Response('{"exists": false}'))
    with pytest.raises(UserNotActive):
        require_active_user(CALLER)


@pytest.mark.django_db
def test_over_http_a_closed_deployment_answers_424_and_nothing_is_changed(
    alice: Caller, bob: Caller, settings: Any
) -> None:
    event = make_event(alice)
    settings.USER_VALIDATION = "closed"
    before = snapshot(event)

    for answer in (bob.post(f"/events/{event.id}/register"), bob.post("/events", event_fields())):
        assert (answer.status_code, answer["Retry-After"]) == (424, "5")
        assert answer.json()["error"]["details"] == {"reason": ["user_not_validated"]}
    assert snapshot(event) == before


@pytest.mark.django_db
def test_over_http_an_open_deployment_lets_pass(alice: Caller, bob: Caller) -> None:
    assert bob.post(f"/events/{make_event(alice).id}/register").status_code == 201
