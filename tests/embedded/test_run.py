"""`make run` and `make demo` as processes of their own."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from meetinity_events.embedded.commands import CHILDREN, Child
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.health import is_healthy
from meetinity_events.embedded.ports import find_free_port, wait_until
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


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql+psycopg2://meetinity:s3cr%21t@127.0.0.1:1/meetinity"),
        ("REDIS_URL", "redis://:s3cr%21t@127.0.0.1:1/0"),
        ("CELERY_BROKER_URL", "redis://:s3cr%21t@127.0.0.1:1/0"),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
    ],
)
def test_an_unreachable_server_is_one_line_that_names_its_variable(
    name: str, url: str, environ: Environ, tmp_path: Path
) -> None:
    said = refusal({**environ, "APP_PORT": str(find_free_port()), name: url}, tmp_path / "output")
    assert said.startswith(f"{name}: ")
    assert said.count("\n") == 1
    assert "s3cr" not in said


@contextmanager
def running_service(environ: Environ, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run`, from the first answer of its web server on."""
    process = start("run", environ, output)
    try:
        assert wait_until(lambda: is_healthy(int(environ["APP_PORT"])), SECONDS_TO_START), output.read_text()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_TO_STOP)


def find_child(data_dir: Path, child: Child) -> psutil.Process | None:
    """The process that supervisord has started for `child`; none while it is between two lives."""
    words = " ".join(child.arguments(data_dir)[1:])
    running = [process for process in find_process(data_dir, "supervisord").children() if process.is_running()]
    return next((process for process in running if words in command_line(process)), None)


def kill_and_wait(data_dir: Path, *children: Child) -> None:
    """SIGKILL them, as the kernel does when memory runs out; returns once each of them is there again."""
    old = [find_child(data_dir, child) for child in children]
    for process in old:
        assert process is not None
        process.kill()

    def are_back() -> bool:
        return all(find_child(data_dir, child) not in (None, *old) for child in children)

    assert wait_until(are_back, SECONDS_TO_START)


def test_a_run_plays_the_demo_restarts_what_dies_and_leaves_nothing_behind(
    data_dir: Path, environ: Environ, tmp_path: Path
) -> None:
    environ["APP_PORT"] = str(find_free_port())
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
