"""`/health` in the platform's shape, whatever is away, and the probes of an orchestrator."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_httpserver import HTTPServer

from meetinity_events import health
from tests.factories import Caller, in_days, make_event

ALL_ZERO = {"total_events": 0, "active_events": 0, "total_registrations": 0, "events_today": 0}


@pytest.fixture
def user_service(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    """It is there and well."""
    httpserver.expect_request("/health").respond_with_json({"status": "ok"})
    settings.USER_SERVICE_URL = httpserver.url_for("")
    return httpserver


def dependencies(caller: Caller) -> dict[str, str]:
    response = caller.get("/health")
    assert response.status_code == 200
    states: dict[str, str] = response.json()["dependencies"]
    return states


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/events/health", "/api/events/health"])
def test_the_answer_has_the_shape_of_the_platforms_document(
    path: str, anonymous: Caller, user_service: HTTPServer
) -> None:
    response = anonymous.get(path)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == {
        "status": "ok",
        "service": "event-service",
        "version": "1.0.0",
        "dependencies": {"database": "up", "kafka": "up", "user_service": "up"},
        "metrics": ALL_ZERO,
    }


@pytest.mark.django_db
def test_the_figures_count_what_is_there(alice: Caller, bob: Caller, carol: Caller, anonymous: Caller) -> None:
    event = make_event(alice)
    make_event(alice, status="draft")
    make_event(alice, start_date=in_days(-3))
    for caller in (bob, carol):
        assert caller.post(f"/events/{event.id}/register").status_code == 201

    assert anonymous.get("/health").json()["metrics"] == {
        "total_events": 3,
        "active_events": 2,
        "total_registrations": 2,
        "events_today": 0,
    }


@pytest.mark.django_db
def test_today_is_the_day_of_utc(alice: Caller, anonymous: Caller) -> None:
    today = start_of_today()
    a_moment = timedelta(microseconds=1)
    for start in (today - a_moment, today, today + timedelta(days=1) - a_moment, today + timedelta(days=1)):
        make_event(alice, start_date=start)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Pacific/Kiritimati'")

    assert anonymous.get("/health").json()["metrics"]["events_today"] == 2


def start_of_today() -> datetime:
    """As this transaction sees it, to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('day', now(), 'UTC')")
        day: datetime = cursor.fetchone()[0]
        return day


@pytest.mark.django_db
def test_the_figures_cost_one_query_and_are_kept_a_while(
    alice: Caller, anonymous: Caller, django_assert_num_queries: Any, settings: Any
) -> None:
    make_event(alice)
    with django_assert_num_queries(1) as first:
        anonymous.get("/health")
    make_event(alice)
    with django_assert_num_queries(1) as second:
        kept = anonymous.get("/health").json()["metrics"]["total_events"]

    assert "total_events" in first.captured_queries[0]["sql"]
    assert second.captured_queries[0]["sql"] == "SELECT 1"
    assert kept == 1
    assert settings.HEALTH_FIGURES_SECONDS == 15
    assert 0 < cache.ttl(health.FIGURES_KEY) <= 15  # type: ignore[attr-defined]

    cache.delete(health.FIGURES_KEY)
    assert anonymous.get("/health").json()["metrics"]["total_events"] == 2


def test_without_the_database_it_is_degraded_and_still_200(anonymous: Caller, database_is_away: None) -> None:
    response = anonymous.get("/health")

    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "service": "event-service",
        "version": "1.0.0",
        "dependencies": {"database": "down", "kafka": "up", "user_service": "down"},
        "metrics": ALL_ZERO,
    }


def test_figures_that_are_kept_do_not_hide_a_database_that_is_away(
    anonymous: Caller, transactional_db: None, request: pytest.FixtureRequest
) -> None:
    assert anonymous.get("/health").json()["status"] == "ok"

    request.getfixturevalue("database_is_away")
    assert anonymous.get("/health").json()["status"] == "degraded"


@pytest.mark.django_db
def test_without_kafka_it_is_ok(anonymous: Caller, kafka_is_away: None, user_service: HTTPServer) -> None:
    assert anonymous.get("/health").json()["status"] == "ok"
    assert dependencies(anonymous) == {"database": "up", "kafka": "down", "user_service": "up"}


@pytest.mark.django_db
def test_without_user_service_it_is_ok(anonymous: Caller) -> None:
    assert anonymous.get("/health").json()["status"] == "ok"
    assert dependencies(anonymous) == {"database": "up", "kafka": "up", "user_service": "down"}


@pytest.mark.django_db
def test_a_silent_user_service_is_down(anonymous: Caller, user_service_is_silent: None) -> None:
    assert dependencies(anonymous)["user_service"] == "down"


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "state"), [(200, "up"), (302, "up"), (404, "up"), (500, "down"), (503, "down")])
def test_a_user_service_that_answers_without_failing_is_up(
    status: int, state: str, anonymous: Caller, httpserver: HTTPServer, settings: Any
) -> None:
    httpserver.expect_request("/health").respond_with_data("", status=status, headers={"Location": "/elsewhere"})
    settings.USER_SERVICE_URL = httpserver.url_for("")

    assert dependencies(anonymous)["user_service"] == state


@pytest.mark.django_db
def test_without_redis_it_is_ok_and_counts(alice: Caller, anonymous: Caller, redis_is_away: None) -> None:
    make_event(alice)

    response = anonymous.get("/health")

    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["metrics"]["total_events"] == 1


@pytest.mark.django_db
def test_a_neighbour_is_asked_once_in_a_while(
    anonymous: Caller, user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    for _ in range(3):
        dependencies(anonymous)
    assert len(user_service.log) == 1

    assert settings.HEALTH_PROBE_SECONDS == 5.0
    monkeypatch.setattr(health.USER_SERVICE, "asked_at", health.USER_SERVICE.asked_at - 5.0)
    dependencies(anonymous)
    assert len(user_service.log) == 2


@pytest.mark.django_db
def test_a_neighbour_that_comes_back_is_seen(
    anonymous: Caller, user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    well, settings.USER_SERVICE_URL = settings.USER_SERVICE_URL, "http://127.0.0.1:9"
    assert dependencies(anonymous)["user_service"] == "down"

    settings.USER_SERVICE_URL = well
    monkeypatch.setattr(health.USER_SERVICE, "asked_at", float("-inf"))
    assert dependencies(anonymous)["user_service"] == "up"


@pytest.mark.django_db
def test_the_process_is_alive_without_asking_anybody(anonymous: Caller, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = anonymous.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_ready_while_the_database_answers(anonymous: Caller, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        response = anonymous.get("/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_without_the_database_it_is_alive_and_not_ready(anonymous: Caller, database_is_away: None) -> None:
    alive, ready = anonymous.get("/healthz"), anonymous.get("/ready")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (503, {"status": "database down"})


@pytest.mark.django_db
def test_without_its_other_neighbours_it_is_ready(anonymous: Caller, redis_is_away: None, kafka_is_away: None) -> None:
    assert anonymous.get("/ready").status_code == 200
