"""An export of 5,000 rows takes no more memory than one of 1,000."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from events.models import Event
from tests.factories import Caller, make_event
from tests.live import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

FORM = {"properties": {"diet": {"type": "string"}}}
ANSWERS = {"diet": "v" * 1000, "plus_one": "p" * 1000}
SMALL, LARGE = 1000, 5000
# The answers of the 4,000 rows more are 8 MB.
NOTHING_KIB, MUCH_KIB = 1024, 5 * 1024


def make_crowded_event(organiser: Caller, size: int) -> Event:
    event = make_event(organiser, registration_form=FORM)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event_registrations (id, event_id, user_id, registration_data) "
            "SELECT gen_random_uuid(), %s, gen_random_uuid(), %s::jsonb FROM generate_series(1, %s)",
            [event.id, json.dumps(ANSWERS), size],
        )
    return event


def growth_kib(organiser: Caller, file_format: str, **environ: str) -> int:
    """How much more memory the large export needed than the small one before it, in one process."""
    events = [make_crowded_event(organiser, size) for size in (SMALL, LARGE)]
    command = [sys.executable, "-m", "tests.registrations.export_memory", file_format, str(organiser.id)]
    variables = {**os.environ, "DATABASE_URL": database_url(), **environ}
    done = subprocess.run(
        [*command, *(str(event.id) for event in events)], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    return large - small


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(alice: Caller, file_format: str) -> None:
    assert growth_kib(alice, file_format) < NOTHING_KIB


def test_without_a_cursor_of_the_server_it_would(alice: Caller) -> None:
    """The control: the whole answer of the database at once."""
    assert growth_kib(alice, "csv", CLIENT_SIDE="1") > MUCH_KIB
