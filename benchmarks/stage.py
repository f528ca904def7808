"""The service on servers of its own, in a folder that is removed at the end."""

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from benchmarks.user_service import user_service
from meetinity_events.embedded.commands import CHILDREN
from meetinity_events.embedded.data_folder import PROJECT_ROOT, temporary_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.health import is_healthy
from meetinity_events.embedded.manage import run_manage
from meetinity_events.embedded.ports import find_free_port, wait_until
from meetinity_events.embedded.process import Command, log_file, start_process
from meetinity_events.embedded.run import empty_metrics_folder
from meetinity_events.embedded.servers import missing_servers

START_SECONDS = 30
# Never those of the caller: a benchmark writes into the database that it is given.
OWN_SERVERS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
UNLIMITED = {f"RATE_LIMIT_{name}": str(10**9) for name in ("BROWSE", "CREATE", "REGISTER", "SEARCH")}


@dataclass(frozen=True)
class Stage:
    """A migrated database without events, its neighbours, and the environment that leads to them."""

    data_dir: Path
    environ: Mapping[str, str]

    @property
    def database_url(self) -> str:
        """The benchmark's own PostgreSQL, durable as in production."""
        return self.environ["DATABASE_URL"]

    def make_database(self, name: str) -> str:
        """The URL of another database on the same server, empty."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return urlsplit(self.database_url)._replace(path=f"/{name}").geturl()

    @property
    def secret(self) -> str:
        """What signs the callers' tokens."""
        return self.environ["JWT_SECRET"]


@contextmanager
def make_stage() -> Iterator[Stage]:
    """PostgreSQL, two Redis servers and a user-service that answers at once, until the block ends.

    No Kafka and no worker: a benchmark of the web leaves its messages in the outbox. Raises EmbeddedError.
    """
    environ = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    environ |= {**UNLIMITED, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9", "SERVICE_ENV": "production"}
    environ |= {name: secrets.token_urlsafe(32) for name in ("JWT_SECRET", "DJANGO_SECRET_KEY")}
    environ |= {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "BIND_ADDRESS": "127.0.0.1"}
    with user_service() as user_service_url, temporary_data_folder() as data_dir:
        environ |= {"USER_SERVICE_URL": user_service_url, "DATA_DIR": str(data_dir)}
        (data_dir / "static").mkdir()
        with missing_servers(data_dir, environ) as variables:
            environ |= {**variables, "PROMETHEUS_MULTIPROC_DIR": str(empty_metrics_folder(data_dir))}
            run_manage(environ, "migrate")
            yield Stage(data_dir, environ)


@dataclass(frozen=True)
class Web:
    """The running gunicorn."""

    port: int
    process: psutil.Process

    def processor_seconds(self) -> tuple[float, float]:
        """What the web's processes and PostgreSQL's have used so far."""
        others = psutil.Process().children(recursive=True)
        return (
            sum_seconds([self.process, *self.process.children()]),
            sum_seconds([process for process in others if process.name() == "postgres"]),
        )


def sum_seconds(processes: list[psutil.Process]) -> float:
    """User and system time."""
    times = [process.cpu_times() for process in processes]
    return float(sum(time.user + time.system for time in times))


@contextmanager
def web_server(stage: Stage) -> Iterator[Web]:
    """The web process of the service, by its own command. Raises EmbeddedError."""
    port = find_free_port()
    server = start_process(web_command(stage, port), stage.data_dir)
    try:
        if not wait_until(lambda: server.has_exited or is_healthy(port), START_SECONDS) or server.has_exited:
            raise EmbeddedError(f"gunicorn does not start:\n{last_lines(log_file(stage.data_dir, 'web'))}")
        yield Web(port, psutil.Process(server.process.pid))
    finally:
        server.stop()


def web_command(stage: Stage, port: int) -> Command:
    """The first of the service's processes on `port`, as its supervisor starts it."""
    program, *words = CHILDREN[0].arguments(stage.data_dir)
    arguments = (str(Path(sys.executable).parent / program), *words)
    environ = {**stage.environ, "APP_PORT": str(port)}
    return Command("web", arguments, environ=environ, folder=PROJECT_ROOT)


def last_lines(log: Path) -> str:
    """What a process wrote at its end."""
    return "\n".join(log.read_text().splitlines()[-20:])
