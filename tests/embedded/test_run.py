"""`make run` and `make demo` as processes of their own."""

import contextlib
import itertools
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from meetinity_events.embedded.commands import CHILDREN, Child
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.health import is_healthy
from meetinity_events.embedded.ports import find_free_port, wait_until
from meetinity_events.embedded.reachable import check_given_urls
from tests.embedded.processes import command_line, find_process, find_processes

Environ = dict[str, str]
SECONDS_TO_START = 120
SECONDS_TO_STOP = 60


def start(command: str, environ: Environ, output: Path) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "meetinity_events.embedded", command]
    with output.open("wb") as file:
        return subprocess.Popen(
            arguments, env=environ, cwd=PROJECT_ROOT, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )


def refusal(environ: Environ, output: Path) -> str:
    """What a run that ends with exit code 1 has said."""
    with start("run", environ, output) as process:
        assert process.wait(SECONDS_TO_START) == 1
    return output.read_text()


def test_a_port_in_use_is_one_line(environ: Environ, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal({**environ, "APP_PORT": str(port)}, tmp_path / "output")
    assert said == f"APP_PORT: port {port} is in use; stop the other program or set another APP_PORT.\n"


DATABASE = "postgresql+psycopg2://meetinity:s3cr%21t@127.0.0.1:1/meetinity"
REDIS = "redis://:s3cr%21t@127.0.0.1:1/0"


def test_an_unreachable_database_is_one_line(environ: Environ, tmp_path: Path) -> None:
    said = refusal({**environ, "APP_PORT": str(find_free_port()), "DATABASE_URL": DATABASE}, tmp_path / "output")
    assert said.startswith("DATABASE_URL: connection failed: ")
    assert said.count("\n") == 1
    assert "s3cr" not in said


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", DATABASE),
        ("DATABASE_URL", "mysql://meetinity:s3cr%21t@127.0.0.1/meetinity"),
        ("REDIS_URL", REDIS),
        ("CELERY_BROKER_URL", REDIS),
        ("CELERY_BROKER_URL", "amqp://meetinity:s3cr%21t@127.0.0.1"),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
    ],
)
def test_an_unreachable_server_is_named_by_its_variable_and_without_its_password(name: str, url: str) -> None:
    with pytest.raises(EmbeddedError) as refused:
        check_given_urls({name: url})
    said = str(refused.value)
    assert said.startswith(f"{name}: ")
    assert "\n" not in said
    assert "s3cr" not in said


@contextlib.contextmanager
def running_service(environ: Environ, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run`, from the first answer of its web server on."""
    process = start("run", environ, output)
    try:
        assert wait_until(lambda: is_healthy(int(environ["APP_PORT"])), SECONDS_TO_START), output.read_text()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_TO_STOP)


def find_child(supervisor: psutil.Process, data_dir: Path, child: Child) -> psutil.Process | None:
    """The process that supervisord has started for `child`; none while it is between two lives."""
    words = " ".join(child.arguments(data_dir)[1:])
    running = [process for process in supervisor.children() if process.is_running()]
    return next((process for process in running if words in command_line(process)), None)


def kill_and_wait(data_dir: Path, *children: Child) -> None:
    """SIGKILL them, as the kernel does when memory runs out; returns once each of them is there again.

    What a killed child had started must be gone too: the workers of gunicorn answer for a moment longer.
    """
    supervisor, families = find_process(data_dir, "supervisord"), []
    for child in children:
        process = find_child(supervisor, data_dir, child)
        assert process is not None
        families.append([process, *process.children(recursive=True)])
        process.kill()

    def are_back() -> bool:
        now = [find_child(supervisor, data_dir, child) for child in children]
        return None not in now and not any(map(is_alive, itertools.chain(*families)))

    assert wait_until(are_back, SECONDS_TO_START)


def is_alive(process: psutil.Process) -> bool:
    """Not gone, and not waiting for somebody to ask for its exit code."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_a_run_plays_the_demo_restarts_what_dies_and_leaves_nothing_behind(
    data_dir: Path, environ: Environ, tmp_path: Path
) -> None:
    environ |= {"APP_PORT": str(find_free_port()), "WEB_WORKERS": "1"}
    output = tmp_path / "run"
    with running_service(environ, output) as process:
        with start("demo", environ, tmp_path / "demo") as demo:
            assert demo.wait(SECONDS_TO_START) == 0, (tmp_path / "demo").read_text()
        kill_and_wait(data_dir, *(child for child in CHILDREN if child.name in ("web", "consumer")))
        assert wait_until(lambda: is_healthy(int(environ["APP_PORT"])), SECONDS_TO_START)
    assert process.returncode == 0
    assert find_processes(data_dir) == []
    said = output.read_text()
    assert f"http://localhost:{environ['APP_PORT']}/docs" in said
    assert "Demo user's token: " in said
    assert re.search(r"^consumer   \| Reading ", said, re.MULTILINE)
    first, second, *workers, last = re.findall(r"stopped: (\w+)", said)
    assert [first, second, sorted(workers), last] == ["consumer", "beat", ["outbox", "worker"], "web"]
