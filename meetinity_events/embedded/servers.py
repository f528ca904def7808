"""Starts the servers that the environment gives no URL for, and tells where they are."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from meetinity_events.embedded import kafka, postgres, redis
from meetinity_events.embedded.data_folder import hold_data_folder, servers_file
from meetinity_events.embedded.process import OwnedProcess
from meetinity_events.embedded.records import stop_leftovers

# The embedded broker lets a group form in the time that a session may last: 3 s instead of 23 s.
KAFKA_TIMINGS = {"KAFKA_SESSION_TIMEOUT_MS": "6000"}

Starter = Callable[[Path], tuple[OwnedProcess, str]]


@contextmanager
def missing_servers(
    data_dir: Path, environ: Mapping[str, str], *, is_throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Hold `data_dir`, start a server for each URL that is not set, and yield the variables to add to the environment.

    While the block runs, `<data_dir>/servers.env` holds them too. At its end the servers stop, last started first.
    Servers that a killed earlier run left behind are stopped before. Raises EmbeddedError: the folder is in use, or
    a server does not start. `is_throwaway` trades the safety of the data for speed.
    """
    with ExitStack() as stack:
        stack.enter_context(hold_data_folder(data_dir))
        stop_leftovers(data_dir)
        starters: dict[str, Starter] = {
            "DATABASE_URL": lambda folder: postgres.start_postgres(folder, environ, is_throwaway=is_throwaway),
            "REDIS_URL": redis.start_cache,
            "CELERY_BROKER_URL": redis.start_broker,
            "KAFKA_BOOTSTRAP_SERVERS": kafka.start_kafka,
        }
        variables: dict[str, str] = {}
        for name, start in starters.items():
            if not environ.get(name):
                server, variables[name] = start(data_dir)
                stack.callback(server.stop)
        if "KAFKA_BOOTSTRAP_SERVERS" in variables:
            variables |= {name: value for name, value in KAFKA_TIMINGS.items() if not environ.get(name)}
        stack.enter_context(servers_file(data_dir, variables))
        yield variables
