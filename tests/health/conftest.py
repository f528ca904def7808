"""Dependencies that are away, and probes that have not been asked yet."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from meetinity_events import health
from meetinity_events.embedded.ports import find_free_port
from tests.api.redis_elsewhere import use_redis


@pytest.fixture(autouse=True)
def _probes_begin_anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has just started; an answer must not wait long for who is away."""
    settings.HEALTH_PROBE_TIMEOUT_SECONDS = 1.0
    for probe in (health.KAFKA, health.USER_SERVICE):
        monkeypatch.setattr(probe, "asked_at", float("-inf"))
    clear_clients()
    yield
    clear_clients()


def clear_clients() -> None:
    health.kafka_client.cache_clear()
    health.http_client.cache_clear()


@pytest.fixture
def database_is_away(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens where PostgreSQL should be."""
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "PORT", find_free_port())
        yield
        connection.close()


@pytest.fixture
def redis_is_away(settings: Any) -> None:
    """Nobody listens where the cache should be."""
    use_redis(settings, f"redis://127.0.0.1:{find_free_port()}/0")


@pytest.fixture
def kafka_is_away(settings: Any) -> None:
    """Nobody listens where a broker should be."""
    settings.HEALTH_PROBE_TIMEOUT_SECONDS = 0.2
    settings.KAFKA_BOOTSTRAP_SERVERS = f"127.0.0.1:{find_free_port()}"


@pytest.fixture
def user_service_is_silent(settings: Any) -> Iterator[None]:
    """It takes the connection and says nothing."""
    settings.HEALTH_PROBE_TIMEOUT_SECONDS = 0.2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.USER_SERVICE_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield
