"""A dump of the database can be loaded again: generated columns, their functions and the text search configuration."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from meetinity_events.embedded.postgres import find_installation
from tests.factories import Caller, make_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

# What pg_dump 18 writes and PostgreSQL 15 does not know; it changes nothing here.
UNKNOWN = "SET transaction_timeout = 0;\n"


def url_of(database: str) -> str:
    """As the service's own role."""
    settings = connection.settings_dict
    password = f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else ""
    return f"postgresql://{settings['USER']}{password}@{settings['HOST']}:{settings['PORT']}/{database}"


@pytest.fixture
def restored() -> Iterator[str]:
    """The name of an empty database."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        yield name
        server.execute(f'DROP DATABASE "{name}"')  # type: ignore[arg-type]


def run(programs: Path, *command: str, **more: Any) -> str:
    done = subprocess.run([programs / command[0], *command[1:]], capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_restored_database_finds_by_words_and_by_place(alice: Caller, restored: str, tmp_path: Path) -> None:
    make_event(alice, title="Networking à Paris", latitude=48.85, longitude=2.35, tags=["café"])
    programs = find_installation(tmp_path, os.environ).programs

    dump = run(programs, "pg_dump", url_of(connection.settings_dict["NAME"])).replace(UNKNOWN, "")
    run(programs, "psql", "--quiet", "-v", "ON_ERROR_STOP=1", "--single-transaction", url_of(restored), input=dump)

    with psycopg.connect(url_of(restored)) as other:
        matches = "search @@ event_query('cafe paris') AND place <-> event_place(48.8, 2.3) < 1"
        found = other.execute(f"SELECT title FROM events WHERE {matches}")  # type: ignore[arg-type]
        assert found.fetchall() == [("Networking à Paris",)]
        other.execute("UPDATE events SET title = 'Été', latitude = 0, longitude = 0")
        moved = "SELECT search @@ event_query('ete'), place <-> event_place(0, 0) FROM events"
        assert other.execute(moved).fetchall() == [(True, 0.0)]
