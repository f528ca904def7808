"""Whether a Celery worker still does what it is asked: it is alive when its heartbeat ran in the last 60 seconds.

A worker may keep its connection and stop taking tasks, which no ping of its main process shows; a task that beat sends
to every worker does. Each writes the time into a file of its own name in the data folder.
"""

import time
from pathlib import Path

from django.conf import settings

ALIVE_SECONDS = 60.0


def heartbeat_file(worker: str) -> Path:
    """Where the worker of this name (`default@host`) leaves its sign of life."""
    return Path(settings.DATA_DIR) / "heartbeats" / worker.replace("/", "_")


def beat(worker: str) -> None:
    """Leave a sign of life now."""
    file = heartbeat_file(worker)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def is_alive(worker: str) -> bool:
    """True when the last sign of life is no older than ALIVE_SECONDS."""
    try:
        return time.time() - heartbeat_file(worker).stat().st_mtime <= ALIVE_SECONDS
    except FileNotFoundError:
        return False
