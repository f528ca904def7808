"""Whether a worker still does what it is asked: it is alive when its last sign of life is at most 60 seconds old.

A Celery worker may keep its connection and stop taking tasks, which no ping of its main process shows; a task that beat
sends to every worker does. The consumer gives its signs itself, with every poll. Each writes the time into a file of
its own name in the data folder, for the probe of its container, and into the cache, where the scrape of any web process
finds it.
"""

import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

KINDS = ("default", "outbox", "consumer")
ALIVE_SECONDS = 60.0


def heartbeat_file(worker: str) -> Path:
    """Where the worker of this name (`default@host`) leaves its sign of life."""
    return Path(settings.DATA_DIR) / "heartbeats" / worker.replace("/", "_")


def beat(worker: str) -> None:
    """Leave a sign of life now; `worker` is the kind and the host, `default@host`."""
    file = heartbeat_file(worker)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    cache.set(cache_key(worker.partition("@")[0]), time.time(), timeout=None)


def cache_key(kind: str) -> str:
    """Where the workers of a kind leave the time of the last sign of any of them."""
    return f"heartbeat:{kind}"


def last_signs() -> dict[str, float]:
    """Kind of worker and Unix time of its last sign; a kind is missing when it gave none, or the cache is away."""
    found = cache.get_many([cache_key(kind) for kind in KINDS])
    return {kind: found[cache_key(kind)] for kind in KINDS if cache_key(kind) in found}


def is_alive(worker: str) -> bool:
    """True when the last sign of life is no older than ALIVE_SECONDS."""
    try:
        return time.time() - heartbeat_file(worker).stat().st_mtime <= ALIVE_SECONDS
    except FileNotFoundError:
        return False
