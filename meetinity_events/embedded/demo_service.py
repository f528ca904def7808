"""The service that the demo speaks to: the one that runs, or one of its own for the time of the demo."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from meetinity_events.embedded.data_folder import PROJECT_ROOT, SERVERS_FILE, find_data_folder, temporary_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.health import is_healthy
from meetinity_events.embedded.ports import read_port
from meetinity_events.embedded.process import Command, log_file, start_server

BROKERS_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
START_SECONDS = 120
STOP_SECONDS = 60


@dataclass(frozen=True)
class Service:
    """Where a service and its broker are, and the environment that reaches them."""

    port: int
    brokers: str
    environ: Mapping[str, str]

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def event_topic(self) -> str:
        """The topic that the service writes."""
        return self.environ.get("KAFKA_EVENT_TOPIC") or "event.events"

    @property
    def user_topic(self) -> str:
        """The first of the topics that the service reads."""
        return (self.environ.get("KAFKA_USER_TOPICS") or "user.events").split(",")[0].strip()


@contextmanager
def find_service(environ: Mapping[str, str]) -> Iterator[Service]:
    """The service on APP_PORT when it is healthy and its broker is known, or else a new one until the block ends."""
    port = read_port(environ)
    brokers = find_brokers(environ, find_data_folder(environ))
    if brokers and is_healthy(port):
        yield Service(port, brokers, environ)
    else:
        with own_service(environ) as service:
            yield service


def find_brokers(environ: Mapping[str, str], data_dir: Path) -> str | None:
    """The broker of the environment, or the one that a running `make run` of the folder has started."""
    return environ.get(BROKERS_VARIABLE) or dotenv_values(data_dir / SERVERS_FILE).get(BROKERS_VARIABLE)


@contextmanager
def own_service(environ: Mapping[str, str]) -> Iterator[Service]:
    """Do what `make run` does on free ports and in a folder that goes away; its output is shown when it fails."""
    print("No service answers here, so the demo starts one of its own ...", flush=True)
    # Two folders, as a run stops everything that its own folder remembers.
    with temporary_data_folder() as data_dir, temporary_data_folder() as keeper_dir:

        def make_command(port: int) -> Command:
            variables = {**environ, "APP_PORT": str(port), "DATA_DIR": str(data_dir)}
            arguments = (sys.executable, "-m", "meetinity_events.embedded", "run")
            return Command("service", arguments, environ=variables, folder=PROJECT_ROOT)

        try:
            server, port = start_server(make_command, is_healthy, keeper_dir, START_SECONDS)
        except EmbeddedError:
            print(log_file(keeper_dir, "service").read_text(), file=sys.stderr)
            raise EmbeddedError("The demo's own service did not start; its output is above.") from None
        try:
            brokers = find_brokers(environ, data_dir)
            assert brokers is not None
            yield Service(port, brokers, {**environ, "DATA_DIR": str(data_dir)})
        finally:
            server.stop(STOP_SECONDS)
