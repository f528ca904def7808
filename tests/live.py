"""The service as its users meet it: gunicorn with real workers on the test database, called over HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import urllib3
from django.db import connection

from meetinity_events.embedded.ports import find_free_port, wait_until
from tests.factories import Caller

START_SECONDS = 120
# A machine under load may take its time; a call that waits for a silent neighbour without an end does not come back.
ANSWER_SECONDS = 60
GUNICORN = [str(Path(sys.executable).parent / "gunicorn"), "-c", "python:meetinity_events.gunicorn_conf"]
SERVICE = "meetinity_events.wsgi:application"
NO_LIMITS = {f"RATE_LIMIT_{name}": "1000000000" for name in ("BROWSE", "CREATE", "REGISTER", "SEARCH", "UPLOAD")}


@dataclass(frozen=True)
class LiveService:
    """A running gunicorn."""

    port: int
    http: urllib3.PoolManager
    pid: int

    def call(self, caller: Caller, method: str, path: str, body: Any = None, **more: str) -> urllib3.BaseHTTPResponse:
        """One request; raises urllib3's error when no answer comes within ANSWER_SECONDS."""
        assert caller.principal is not None
        token = caller.principal.token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **more}
        content = None if body is None else orjson.dumps(body)
        return self.http.request(method, f"http://127.0.0.1:{self.port}{path}", body=content, headers=headers)

    def call_at_once(self, callers: list[Caller], method: str, path: str, *, threads: int = 50) -> list[int]:
        """The same request from each caller, from real threads; returns the statuses."""
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda caller: self.call(caller, method, path).status, callers))


def database_url() -> str:
    """The test database as a URL for another process."""
    at = connection.settings_dict  # names the test database once pytest-django has made it
    user, password = quote(at["USER"], safe=""), quote(at["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@contextmanager
def live_service(application: str = SERVICE, **environ: str) -> Iterator[LiveService]:
    """Serve on a free port; `environ` overrides variables of the service."""
    port = find_free_port()
    variables = {
        **os.environ,
        **NO_LIMITS,
        "USER_SERVICE_URL": "http://127.0.0.1:9",
        "APP_PORT": str(port),
        "DATABASE_URL": database_url(),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "8",
        "LOG_LEVEL": "ERROR",
        "LOCK_TIMEOUT_MILLISECONDS": "30000",
        "REDIS_TIMEOUT_SECONDS": "0.2",
        **environ,
    }
    http = urllib3.PoolManager(maxsize=60, retries=False, timeout=ANSWER_SECONDS)
    with subprocess.Popen([*GUNICORN, application], env=variables) as process:
        try:
            assert wait_until(lambda: answers(http, port) or process.poll() is not None, START_SECONDS)
            yield LiveService(port, http, process.pid)
        finally:
            http.clear()
            process.send_signal(signal.SIGQUIT)  # at once, without waiting for idle connections
            process.wait()


def answers(http: urllib3.PoolManager, port: int) -> bool:
    """True once somebody serves."""
    try:
        return http.request("GET", f"http://127.0.0.1:{port}/healthz").status == 200
    except urllib3.exceptions.HTTPError:
        return False
