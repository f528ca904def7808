"""The servers that start when no URL is given."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from confluent_kafka.admin import AdminClient
from dotenv import dotenv_values

from meetinity_events.embedded import process
from meetinity_events.embedded.clean import clean
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.ports import find_free_port, is_port_free
from meetinity_events.embedded.redis import start_broker, start_cache
from meetinity_events.embedded.servers import missing_servers
from tests.embedded.processes import find_process, find_processes

Environ = dict[str, str]
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/1",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
}


def all_but(name: str) -> Environ:
    return {other: url for other, url in NOWHERE.items() if other != name}


def test_missing_servers_start_and_answer(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, environ) as variables:
        with psycopg.connect(variables["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT current_user, current_database(), count(*) > 0 FROM pg_stat_statements")
            assert row.fetchone() == ("meetinity", "meetinity", True)
        policies = {}
        for name in ("REDIS_URL", "CELERY_BROKER_URL"):
            with redis.Redis.from_url(variables[name]) as client:
                policies[name] = client.config_get("maxmemory-policy")["maxmemory-policy"]
        assert policies == {"REDIS_URL": "allkeys-lru", "CELERY_BROKER_URL": "noeviction"}
        broker = AdminClient({"bootstrap.servers": variables["KAFKA_BOOTSTRAP_SERVERS"]})
        assert [str(node).split("/")[0] for node in broker.list_topics(timeout=30).brokers.values()] == [
            variables["KAFKA_BOOTSTRAP_SERVERS"]
        ]
        assert variables["KAFKA_SESSION_TIMEOUT_MS"] == "6000"
        assert dotenv_values(data_dir / "servers.env") == variables
    assert not (data_dir / "servers.env").exists()
    assert find_processes(data_dir) == []


def test_a_server_with_a_given_url_is_not_started(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, {**environ, **all_but("REDIS_URL")}) as variables:
        assert list(variables) == ["REDIS_URL"]
        assert len(find_processes(data_dir)) == 1


def test_a_given_kafka_keeps_the_timings_of_the_settings(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, {**environ, **NOWHERE}) as variables:
        assert variables == {}


def test_nobody_logs_in_to_postgresql_as_its_superuser(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, {**environ, **all_but("DATABASE_URL")}) as variables:
        as_superuser = variables["DATABASE_URL"].replace("meetinity@", "postgres@")
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            psycopg.connect(as_superuser)


def test_a_second_start_keeps_the_postgresql_data(data_dir: Path, environ: Environ) -> None:
    environ |= all_but("DATABASE_URL")
    with missing_servers(data_dir, environ) as variables, psycopg.connect(variables["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    with missing_servers(data_dir, environ) as variables, psycopg.connect(variables["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (42,)


def test_a_second_start_keeps_the_queued_tasks(data_dir: Path, environ: Environ) -> None:
    environ |= all_but("CELERY_BROKER_URL")
    with (
        missing_servers(data_dir, environ) as variables,
        redis.Redis.from_url(variables["CELERY_BROKER_URL"]) as client,
    ):
        client.lpush("default", "task")
    with (
        missing_servers(data_dir, environ) as variables,
        redis.Redis.from_url(variables["CELERY_BROKER_URL"]) as client,
    ):
        assert client.lrange("default", 0, -1) == [b"task"]


def test_postgresql_starts_in_a_folder_that_others_cannot_enter(data_dir: Path, environ: Environ) -> None:
    closed = data_dir / "closed to others" / ".data"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    environ |= {**all_but("DATABASE_URL"), "DATA_DIR": str(closed)}
    with missing_servers(closed, environ) as variables, psycopg.connect(variables["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    clean(environ)
    assert not closed.exists()


def test_a_folder_without_postgresql_programs_is_named(data_dir: Path, environ: Environ) -> None:
    environ |= {**all_but("DATABASE_URL"), "EMBEDDED_POSTGRES_BIN": "/nowhere/bin"}
    with pytest.raises(EmbeddedError, match=r"^EMBEDDED_POSTGRES_BIN: /nowhere/bin holds no initdb\.$"):
        missing_servers(data_dir, environ).__enter__()


def test_a_second_starter_of_a_folder_is_told_who_has_it(data_dir: Path, environ: Environ) -> None:
    environ |= NOWHERE
    with missing_servers(data_dir, environ):
        with pytest.raises(EmbeddedError) as refusal:
            missing_servers(data_dir, environ).__enter__()
        assert str(refusal.value) == (
            f"The data folder {data_dir} is in use by process {os.getpid()}; stop that one first."
        )
    with missing_servers(data_dir, environ) as variables:
        assert variables == {}


STARTER = """
import os, sys, time
from pathlib import Path
from meetinity_events.embedded.servers import missing_servers
with missing_servers(Path(os.environ["DATA_DIR"]), os.environ) as variables:
    print(variables["REDIS_URL"], flush=True)
    time.sleep(600)
"""


def test_what_a_killed_run_left_behind_is_stopped(data_dir: Path, environ: Environ) -> None:
    # Without setpriv on the PATH the server outlives its starter, as it does where the kernel has no such signal.
    environ |= {**all_but("REDIS_URL"), "PATH": str(data_dir)}
    with subprocess.Popen([sys.executable, "-c", STARTER], env=environ, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        old_url = starter.stdout.readline().strip()
        starter.kill()
    old_server = find_process(data_dir, "valkey-server")
    with missing_servers(data_dir, environ) as variables:
        assert not old_server.is_running()
        assert variables["REDIS_URL"] != old_url
        assert len(find_processes(data_dir)) == 1


def test_a_recorded_pid_that_now_belongs_to_somebody_else_is_not_touched(data_dir: Path, environ: Environ) -> None:
    environ |= NOWHERE
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        record = {"name": "kafka", "pid": stranger.pid, "created": 0, "stop_signal": signal.SIGTERM}
        (data_dir / "processes").mkdir()
        (data_dir / "processes/kafka.json").write_text(json.dumps(record))
        with missing_servers(data_dir, environ):
            assert stranger.poll() is None
        assert not (data_dir / "processes/kafka.json").exists()
        stranger.kill()


def test_clean_refuses_while_a_run_holds_the_folder(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, {**environ, **NOWHERE}), pytest.raises(EmbeddedError, match="is in use by process"):
        clean(environ)
    assert data_dir.exists()


def test_clean_does_not_remove_a_folder_that_no_run_has_made(data_dir: Path, environ: Environ) -> None:
    (data_dir / "precious").touch()
    with pytest.raises(EmbeddedError, match="was not made by `make run`"):
        clean(environ)
    assert (data_dir / "precious").exists()


def test_a_port_that_somebody_listens_on_is_not_free(data_dir: Path, environ: Environ) -> None:
    with missing_servers(data_dir, {**environ, **all_but("REDIS_URL")}) as variables:
        port = int(variables["REDIS_URL"].split(":")[2].split("/")[0])
        assert not is_port_free(port)
    assert is_port_free(port)


def test_a_port_that_another_server_has_is_not_taken_for_ones_own(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs may draw the same free port; the other's answer would come before the late one has ended."""
    first, url = start_cache(data_dir)
    ports = iter([int(url.rpartition(":")[2].removesuffix("/0")), find_free_port()])
    monkeypatch.setattr(process, "find_free_port", lambda: next(ports))

    second, other = start_broker(data_dir)

    second.stop()
    first.stop()
    assert other != url
    assert list(ports) == []


def test_a_server_may_leave_its_port_to_a_child(data_dir: Path) -> None:
    """As `make run` does, which the demo starts as a server of its own."""

    def make_command(port: int) -> process.Command:
        return process.Command("parent", ("sh", "-c", f"{sys.executable} -m http.server --bind 127.0.0.1 {port}; true"))

    parent, port = process.start_server(make_command, lambda port: not is_port_free(port), data_dir)

    parent.stop()
    assert is_port_free(port)
