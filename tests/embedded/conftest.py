"""A data folder and an environment without any URL, whatever the session itself runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetinity_events.embedded.data_folder import temporary_data_folder
from tests.embedded.processes import find_processes

OWN_VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_SESSION_TIMEOUT_MS",
    "APP_PORT",
    "UPLOAD_FOLDER",
)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty folder. No process of it may outlive the test."""
    with temporary_data_folder() as folder:
        yield folder
        assert find_processes(folder) == []


@pytest.fixture
def environ(data_dir: Path) -> dict[str, str]:
    """The environment of this process, but on `data_dir` and without the servers of the session."""
    variables = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
    return {**variables, "DATA_DIR": str(data_dir)}
