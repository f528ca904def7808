"""Two gunicorn workers that share their metrics, with their log in a file and a database that is away."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
import urllib3

from meetinity_events.embedded.ports import find_free_port, wait_until
from tests.live import GUNICORN, SERVICE, START_SECONDS, answers


@dataclass(frozen=True)
class WatchedService:
    """A running service and all that it says of itself."""

    url: str
    process: psutil.Process
    log: Path

    def request(self, path: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
        """One request on a connection of its own; header names have `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with urllib3.PoolManager(retries=False, timeout=60) as http:
            return http.request(method, self.url + path, headers={"Connection": "close", **named})

    def lines(self, request_id: str) -> list[dict[str, Any]]:
        """What it has logged of this request."""
        every = [orjson.loads(line) for line in self.log.read_bytes().splitlines()]
        return [line for line in every if line["request_id"] == request_id]

    def kill_a_worker(self) -> psutil.Process:
        """And wait until another one has taken its place."""
        killed, kept = self.workers()
        killed.kill()

        def another_one_serves() -> bool:
            now = self.workers()  # looked at once: the dead one may be reaped between two looks
            return len(now) == 2 and killed not in now and kept in now

        assert wait_until(another_one_serves, 60)
        return killed

    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return sorted(self.process.children(), key=lambda worker: worker.pid)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedService]:
    folder = tmp_path_factory.mktemp("observed")
    (folder / "metrics").mkdir()
    port = find_free_port()
    environ = {
        **os.environ,
        "APP_PORT": str(port),
        "BIND_ADDRESS": "127.0.0.1",
        "DATABASE_URL": f"postgresql://meetinity@127.0.0.1:{find_free_port()}/meetinity",
        "LOG_LEVEL": "DEBUG",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "1",
    }
    log = folder / "log"
    with log.open("wb") as output, subprocess.Popen([*GUNICORN, SERVICE], env=environ, stderr=output) as process:
        try:
            with urllib3.PoolManager(retries=False) as http:
                assert wait_until(lambda: answers(http, port) or process.poll() is not None, START_SECONDS)
            service = WatchedService(f"http://127.0.0.1:{port}", psutil.Process(process.pid), log)
            assert wait_until(lambda: len(service.workers()) == 2, START_SECONDS)  # the first one answers
            yield service
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, without waiting for idle connections
            process.wait()
