"""A worker starts on a broker that keeps every key, and on no other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_redis import get_redis_connection

from meetinity_events.celery import app, refuse_a_broker_that_evicts
from tests.settings.processes import PROJECT_ROOT


@pytest.fixture
def evicting_url() -> Iterator[str]:
    """The cache, with a policy of which every variant evicts."""
    cache = get_redis_connection("default")
    policy = cache.config_get("maxmemory-policy")["maxmemory-policy"]
    cache.config_set("maxmemory-policy", "volatile-ttl")
    options = cache.get_connection_kwargs()
    yield f"redis://{options['host']}:{options['port']}/{options['db']}"
    cache.config_set("maxmemory-policy", policy)


def test_a_broker_that_never_evicts_is_accepted() -> None:
    with app.connection_for_write() as connection:
        assert connection.default_channel.client.info("memory")["maxmemory_policy"] == "noeviction"

    refuse_a_broker_that_evicts()


def test_a_broker_that_is_no_redis_has_no_such_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "memory://")  # Celery reads the variable before its settings
    with app.connection_for_write() as connection:
        assert connection.transport.driver_type == "memory"

    refuse_a_broker_that_evicts()


def test_a_worker_refuses_a_broker_that_evicts(evicting_url: str, tmp_path: Path) -> None:
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "CELERY_BROKER_URL": evicting_url}
    command = [sys.executable, "-m", "celery", "-A", "meetinity_events", "worker", "--pool", "solo"]

    worker = subprocess.run(
        command, env=environ, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert worker.returncode == 1
    assert worker.stderr.splitlines()[-1] == (
        "CELERY_BROKER_URL: this Redis evicts keys (volatile-ttl); set maxmemory-policy noeviction."
    )
