"""Whether a worker is alive: by the task that it ran, not by the process that is there; and what it answers."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3
from celery import current_app
from django.core.management import CommandError, call_command

from integrations.tasks import heartbeat
from meetinity_events.celery import serve_worker_metrics
from meetinity_events.embedded.ports import find_free_port, wait_until
from meetinity_events.heartbeat import ALIVE_SECONDS, beat, heartbeat_file, is_alive, last_signs
from tests.factories import Caller

PATIENCE_SECONDS = 60
CELERY = [str(Path(sys.executable).parent / "celery"), "-A", "meetinity_events", "worker", "--concurrency", "1"]
ALONE = ["--without-gossip", "--without-mingle"]  # it looks for no other workers, for which it would wait a second


def test_a_worker_that_listens_runs_the_heartbeat_that_is_sent_to_all_and_answers_prometheus(settings: Any) -> None:
    name, port = "listening@here", find_free_port()
    environ = {**os.environ, "WORKER_METRICS_PORT": str(port)}

    with subprocess.Popen([*CELERY, *ALONE, "-Q", "default,heartbeat", "-n", name], env=environ) as worker:

        def answered() -> bool:
            heartbeat.apply_async()
            time.sleep(0.3)
            return is_alive(name)

        try:
            assert wait_until(answered, PATIENCE_SECONDS)
            scraped = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics", timeout=10)
            assert b"\noutbox_parked_total 0.0" in scraped.data
        finally:
            worker.terminate()
            worker.wait()


def test_a_worker_whose_metrics_port_is_taken_does_not_start(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.WORKER_METRICS_PORT = taken.getsockname()[1]

        with pytest.raises(SystemExit, match=r"WORKER_METRICS_PORT: port \d+ cannot be used: Address already in use"):
            serve_worker_metrics()


def test_a_worker_is_alive_for_a_minute_after_its_last_sign(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert not is_alive("default@here")
    heartbeat_file("default@here").parent.mkdir()
    heartbeat_file("default@here").touch()
    assert is_alive("default@here")
    assert not is_alive("outbox@here")

    long_ago = time.time() - ALIVE_SECONDS - 1
    os.utime(heartbeat_file("default@here"), (long_ago, long_ago))

    assert not is_alive("default@here")


def test_the_probe_ends_with_an_error_when_there_is_no_sign(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path

    with pytest.raises(CommandError, match=r"outbox@there has given no sign of life for 60 seconds\."):
        call_command("worker_alive", "outbox@there")


def test_each_queue_has_an_exchange_and_a_key_of_its_own() -> None:
    """Two queues on one key would each get every task of the other."""
    queues = current_app.amqp.queues
    ways = {(queues[name].exchange.name, queues[name].routing_key) for name in ("default", "outbox", "heartbeat")}

    assert ways == {("default", "default"), ("outbox", "outbox"), ("heartbeat", "heartbeat")}


@pytest.mark.django_db
def test_the_last_sign_of_each_kind_is_what_the_scrape_shows(anonymous: Caller, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    before = time.time()

    beat("outbox@here")
    beat("outbox@there")

    signs = last_signs()
    assert list(signs) == ["outbox"]
    assert before <= signs["outbox"] <= time.time()
    scraped = anonymous.get("/metrics").content.decode()
    (line,) = [line for line in scraped.splitlines() if line.startswith("worker_heartbeat_timestamp_seconds{")]
    assert 'worker="outbox"' in line
    assert float(line.split()[-1]) == pytest.approx(signs["outbox"])
