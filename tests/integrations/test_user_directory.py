"""Profiles from the cache, from user-service, and from an old cache while user-service is away."""

from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_redis import get_redis_connection
from pytest_httpserver import HTTPServer
from werkzeug import Response

from integrations.users import kept
from integrations.users.directory import Interests, find_cards, find_interests
from integrations.users.handlers import user_updated
from integrations.users.profiles import update_profile
from integrations.users.validation import require_active_user
from registrations.services.remove_user import remove_user
from tests.api.redis_elsewhere import use_redis
from tests.integrations.user_service import (
    CALLER,
    JOHN,
    NO_USER,
    answer_batches,
    answer_singly,
    asked_in_batches,
    counted,
    paths,
    profile,
)

USER = CALLER.id


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    settings.USER_SERVICE_TIMEOUT_SECONDS = 20
    return httpserver


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is kept is old."""
    monkeypatch.setattr(kept, "CARD_FRESH_SECONDS", -1)


def people(count: int) -> list[UUID]:
    return [UUID(int=number) for number in range(count)]


def names(count: int) -> list[str]:
    return [card.name for card in find_cards(people(count), token="abc").values()]


def keys() -> set[str]:
    return {key.decode() for key in get_redis_connection("default").keys("*")}


def go_away(server: HTTPServer) -> None:
    server.clear()
    server.expect_request("/users/batch").respond_with_response(Response("", 503))
    server.expect_request("/users/7/profile").respond_with_response(Response("", 503))


def test_profiles_are_asked_for_once_and_then_cached(user_service: HTTPServer) -> None:
    answer_batches(user_service)

    assert names(3) == ["User 0", "User 1", "User 2"]
    assert names(4) == ["User 0", "User 1", "User 2", "User 3"]
    assert asked_in_batches(user_service) == [[0, 1, 2], [3]]


def test_the_cache_is_asked_once_and_written_once_however_many_there_are(
    user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_batches(user_service)
    calls: list[str] = []
    for name in ("get", "get_many", "set", "set_many"):
        original = getattr(cache, name)
        monkeypatch.setattr(cache, name, lambda *args, _name=name, _do=original: (calls.append(_name), _do(*args))[1])

    names(150)
    assert calls == ["get_many", "set_many"]


def test_the_keys_are_not_the_platforms(user_service: HTTPServer) -> None:
    answer_batches(user_service)
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)

    names(1)
    require_active_user(CALLER)

    assert keys() == {
        "event-service:user-card:00000000-0000-0000-0000-000000000000",
        "event-service:user-check:00000000-0000-0000-0000-000000000007",
    }
    lifetime = get_redis_connection("default").ttl("event-service:user-card:00000000-0000-0000-0000-000000000000")
    assert 86_300 < lifetime <= 86_400


def test_the_cache_holds_no_mail_address(user_service: HTTPServer) -> None:
    answer_batches(user_service)
    names(1)

    assert b"@example.com" not in get_redis_connection("default").get(keys().pop())


def test_an_old_profile_is_asked_for_again(user_service: HTTPServer, stale: None) -> None:
    answer_batches(user_service)

    names(1)
    names(1)
    assert asked_in_batches(user_service) == [[0], [0]]


def test_an_old_profile_is_good_enough_while_user_service_is_away(user_service: HTTPServer, stale: None) -> None:
    answer_batches(user_service)
    names(2)
    go_away(user_service)
    before = counted("degraded")

    assert names(3) == ["User 0", "User 1"]
    assert counted("degraded") == before + 1


def test_who_does_not_exist_is_remembered_too(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/batch").respond_with_json([profile(0)])

    assert names(2) == ["User 0"]
    assert names(2) == ["User 0"]
    assert len(user_service.log) == 1


def test_todays_user_service_names_everybody_after_a_few_requests(user_service: HTTPServer) -> None:
    answer_singly(user_service)

    assert [len(names(60)) for _ in range(3)] == [25, 50, 60]


def test_without_redis_everybody_is_asked_for_each_time(user_service: HTTPServer, settings: Any) -> None:
    answer_batches(user_service)
    use_redis(settings, "redis://127.0.0.1:9/0")

    assert [names(1), names(1)] == [["User 0"]] * 2
    assert asked_in_batches(user_service) == [[0], [0]]


def test_without_redis_and_user_service_nobody_is_named_and_nothing_is_raised(settings: Any) -> None:
    use_redis(settings, "redis://127.0.0.1:9/0")

    assert names(2) == []


@pytest.mark.django_db
def test_the_local_profile_is_what_recommendations_go_by(user_service: HTTPServer) -> None:
    update_profile(user_id=USER, location="Paris", industry="Law", interests=["Web"], at=timezone.now())

    assert find_interests(CALLER) == Interests("Paris", "Law", ("Web",))
    assert paths(user_service) == []


@pytest.mark.django_db
def test_without_one_user_service_is_asked_once(user_service: HTTPServer, django_assert_num_queries: Any) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7))
    expected = Interests("San Francisco, CA", "Technology", ("AI", "Networking"))

    with django_assert_num_queries(2):
        assert [find_interests(CALLER), find_interests(CALLER)] == [expected] * 2
    assert len(user_service.log) == 1


@pytest.mark.django_db
def test_without_anybody_to_ask_there_are_no_interests() -> None:
    assert find_interests(CALLER) == Interests()


@pytest.mark.django_db
def test_an_old_profile_will_do_while_user_service_is_away(user_service: HTTPServer, stale: None) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7))
    find_interests(CALLER)
    go_away(user_service)

    assert find_interests(CALLER).industry == "Technology"


@pytest.mark.django_db
def test_a_user_whom_user_service_does_not_know_has_no_interests(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/profile").respond_with_response(NO_USER)

    assert find_interests(CALLER) == Interests()


def know(server: HTTPServer) -> None:
    """Keep everything that is ever kept of the user."""
    server.expect_request("/users/7/profile").respond_with_json(profile(7))
    server.expect_request("/users/7/validate").respond_with_json(JOHN)
    find_interests(CALLER)
    require_active_user(CALLER)
    assert {key.split(":")[1] for key in keys() if key.endswith(str(USER))} == {"user-card", "user-check"}


@pytest.mark.django_db
def test_a_removed_user_is_forgotten(user_service: HTTPServer) -> None:
    know(user_service)

    remove_user(user_id=USER, at=timezone.now())
    assert [key for key in keys() if str(USER) in key] == []


@pytest.mark.django_db
def test_a_user_who_has_changed_is_asked_for_anew(
    user_service: HTTPServer, django_capture_on_commit_callbacks: Any
) -> None:
    know(user_service)

    with django_capture_on_commit_callbacks(execute=True):
        user_updated({"user_id": 7, "location": "Paris", "timestamp": "2026-01-02T12:00:00Z"})
    assert [key for key in keys() if str(USER) in key] == []
