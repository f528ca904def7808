"""Without Redis nobody is limited and nothing fails, whether the server refuses or is silent."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection
from prometheus_client import REGISTRY

from meetinity_events.api import redis_scripts, throttling
from meetinity_events.api.removed_users import is_removed, remember_removed
from tests.api.redis_elsewhere import use_redis
from tests.factories import Caller, event_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent_redis(settings: Any) -> Iterator[socket.socket]:
    """Takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        listener.setblocking(False)
        use_redis(settings, f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
        yield listener


def count_connections(listener: socket.socket) -> int:
    """How many have come since the last time."""
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def count_uncounted() -> float:
    return REGISTRY.get_sample_value("rate_limit_uncounted_total") or 0.0


def test_without_redis_nobody_is_limited(alice: Caller, settings: Any, redis_is_away: None) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1)
    before = count_uncounted()

    responses = [alice.post("/events", event_fields()) for _ in range(3)]
    responses.extend(alice.get("/events") for _ in range(2))

    assert [response.status_code for response in responses] == [201, 201, 201, 200, 200]
    assert [response.get("RateLimit-Limit") for response in responses] == [None] * 5
    assert count_uncounted() - before == 5


def test_a_silent_redis_limits_nobody(alice: Caller, settings: Any, silent_redis: socket.socket) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1)
    before = count_uncounted()

    assert [alice.get("/events").status_code for _ in range(2)] == [200, 200]
    assert count_uncounted() - before == 2


def test_a_silent_redis_is_asked_once_and_not_again(silent_redis: socket.socket, alice: Caller) -> None:
    assert cache.get("key") is None
    assert count_connections(silent_redis) == 1

    assert is_removed(alice.id) is False
    assert throttling.spend("browse", str(alice.id)) is None
    assert count_connections(silent_redis) == 1


def test_a_write_waits_for_a_silent_redis_once(
    alice: Caller, silent_redis: socket.socket, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def create() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            assert alice.post("/events", event_fields()).status_code == 201
        return count_connections(silent_redis)

    assert create() == 1
    monkeypatch.setattr(redis_scripts, "SILENCE_SECONDS", 0.0)
    monkeypatch.setattr(redis_scripts, "_silence", redis_scripts.Silence())
    assert create() > 3


def test_redis_is_asked_again_once_the_silence_is_over(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = get_redis_connection("default").connection_pool
    monkeypatch.setattr(redis_scripts, "_silence", redis_scripts.Silence(pool, time.monotonic() + 3600))
    assert throttling.spend("browse", str(alice.id)) is None

    monkeypatch.setattr(redis_scripts, "_silence", redis_scripts.Silence(pool, time.monotonic()))
    assert throttling.spend("browse", str(alice.id)) is not None


def test_every_client_gives_up_after_the_configured_time(settings: Any) -> None:
    options = get_redis_connection("default").connection_pool.connection_kwargs
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (settings.REDIS_TIMEOUT_SECONDS,) * 2


def test_what_cannot_be_remembered_is_said_and_raises_nothing(
    alice: Caller, redis_is_away: None, caplog: pytest.LogCaptureFixture
) -> None:
    remember_removed([alice.id])

    [record] = caplog.records
    assert (record.levelname, record.message) == ("WARNING", "removed users not remembered in the cache")
