"""Two beats and two outbox workers, as a careless deployment has them: each message once, in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.models import OutboxMessage
from tests.broker.apache.conftest import Breakable
from tests.broker.commands import ROOT, database_url
from tests.broker.promises import in_order, promise_much
from tests.broker.wire import new_topic, numbers_by_key, read_topic, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CELERY = (str(Path(sys.executable).parent / "celery"), "-A", "meetinity_events")
# Each worker carries a beat with it: two of both, for the time that two programs take to start.
WORKER = (*CELERY, "worker", "-Q", "outbox", "--concurrency", "1", "--beat", "--loglevel", "INFO")
COUNT = 900
START_SECONDS = 180


@pytest.fixture
def processes(breakable: Breakable, settings: Any, tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Two by name, each writing into a file of it; they share a database of the broker's Redis with nobody."""
    settings.KAFKA_EVENT_TOPIC = new_topic("events")
    environ = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": f"{os.environ['CELERY_BROKER_URL'].rsplit('/', 1)[0]}/7",
        "KAFKA_BOOTSTRAP_SERVERS": settings.KAFKA_BOOTSTRAP_SERVERS,
        "OUTBOX_BATCH_SIZE": "5",
    }
    started = {}
    for name in ("outbox1", "outbox2"):
        command = (*WORKER, "-n", f"{name}@%h", "--schedule", str(tmp_path / f"{name}.schedule"))
        with (tmp_path / name).open("wb") as log:
            started[name] = subprocess.Popen(
                command, env=environ, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
    yield started
    for process in started.values():
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def has_started(folder: Path, name: str) -> bool:
    """The worker says so, and its beat has written down what it has to do."""
    return "ready" in (folder / name).read_text() and any(folder.glob(f"{name}.schedule*"))


def test_two_beats_and_two_workers_send_each_message_once(
    processes: dict[str, subprocess.Popen[bytes]], settings: Any, tmp_path: Path
) -> None:
    for name in processes:
        wait_until(lambda name=name: has_started(tmp_path, name), START_SECONDS)
    promise_much(COUNT)

    wait_until(lambda: not OutboxMessage.objects.filter(published_at=None).exists())

    messages = read_topic(settings.KAFKA_EVENT_TOPIC, COUNT)
    assert (len(messages), numbers_by_key(messages)) == (COUNT, in_order(COUNT))
    assert {name: process.poll() for name, process in processes.items()} == dict.fromkeys(processes)
