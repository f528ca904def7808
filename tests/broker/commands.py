"""`manage.py` as a process of its own, on the servers and the database of the test."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


def database_url() -> str:
    """The test's own database, which Django has named."""
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


def start_command(name: str, **variables: str) -> subprocess.Popen[bytes]:
    """Start `manage.py <name>`; `variables` add to its environment."""
    return start_python(str(ROOT / "manage.py"), name, **variables)


def start_python(*words: str, **variables: str) -> subprocess.Popen[bytes]:
    """Start a program of Python in the same surroundings."""
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "meetinity_events.settings",
        "DATABASE_URL": database_url(),
        "KAFKA_BOOTSTRAP_SERVERS": settings.KAFKA_BOOTSTRAP_SERVERS,
        "KAFKA_EVENT_TOPIC": settings.KAFKA_EVENT_TOPIC,
        **variables,
    }
    return subprocess.Popen([sys.executable, *words], env=environ, cwd=ROOT)


class Supervised:
    """A command that is started again whenever it dies, until stop()."""

    def __init__(self, name: str, **variables: str) -> None:
        self._is_ending = threading.Event()
        self._process = start_command(name, **variables)
        self._supervisor = threading.Thread(target=self._supervise, args=(name, variables))
        self._supervisor.start()

    def _supervise(self, name: str, variables: dict[str, str]) -> None:
        while self._process.wait() is not None and not self._is_ending.is_set():
            self._process = start_command(name, **variables)

    def send_sigterm(self) -> None:
        """Ask the process to end, for good."""
        self._is_ending.set()
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """The exit code."""
        self._supervisor.join(PATIENCE_SECONDS)
        return self._process.wait(0)

    def kill(self) -> None:
        """Leave nothing behind when the test failed."""
        self._is_ending.set()
        self._process.kill()
        self._supervisor.join()
