"""A suite stays on servers of its own, whatever runs from the same folder."""

import subprocess
import sys
from pathlib import Path

from meetinity_events.embedded.data_folder import PROJECT_ROOT, SERVERS_FILE

OF_THE_SERVICE = "redis://127.0.0.1:1/0"
SUITE = f"""
import os

def test_the_address():
    assert os.environ["REDIS_URL"] != "{OF_THE_SERVICE}"
"""
SET_BY_HAND = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/1",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
}


def run_suite(environ: dict[str, str], folder: Path) -> str:
    """The last line of a suite of one test, which another process runs."""
    (folder / "test_address.py").write_text(SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        PROJECT_ROOT / "pyproject.toml",
        "--numprocesses",
        "1",
        folder,
    ]
    outside = {name: value for name, value in environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, env=outside, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[-1]


def test_its_processes_are_not_told_of_a_running_service(
    data_dir: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    (data_dir / SERVERS_FILE).write_text(f"REDIS_URL={OF_THE_SERVICE}\n")

    assert run_suite({**environ, **SET_BY_HAND}, tmp_path).startswith("1 passed")


def test_they_are_told_what_was_set_by_hand(data_dir: Path, environ: dict[str, str], tmp_path: Path) -> None:
    by_hand = {**environ, **SET_BY_HAND, "REDIS_URL": OF_THE_SERVICE}

    assert run_suite(by_hand, tmp_path).startswith("1 failed")
