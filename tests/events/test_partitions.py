"""The yearly partitions of `events`."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from events.models import Event
from events.partitions import ensure_partitions, lowest_id
from events.tasks import make_partitions
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]

THIS_YEAR = timezone.now().year


def partition_of(event_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM events WHERE id = %s", [event_id])
        return str(cursor.fetchone()[0])


def insert(event_id: UUID) -> UUID:
    Event.objects.create(id=event_id, title="Edge", start_date=in_days(1), created_by=uuid4())
    return event_id


def id_at(moment: datetime, tail: int = 0) -> UUID:
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | tail)


def test_a_new_event_lies_in_the_partition_of_its_year(alice: Caller) -> None:
    assert partition_of(make_event(alice).id) == f"events_{THIS_YEAR}"


def test_the_migration_made_this_year_and_the_next_two() -> None:
    assert ensure_partitions(ahead=2) == []


def test_ensure_partitions_makes_what_is_missing_and_a_repeat_makes_none() -> None:
    assert ensure_partitions(ahead=4) == [f"events_{THIS_YEAR + 3}", f"events_{THIS_YEAR + 4}"]
    assert ensure_partitions(ahead=4) == []


def test_the_command_says_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("partitions", "--ahead", "3")
    assert capsys.readouterr().out == f"events_{THIS_YEAR + 3}\n"

    call_command("partitions", "--ahead", "3")
    assert capsys.readouterr().out == "Nothing to do: every partition is there.\n"


def test_the_task_of_beat_keeps_two_years_ahead() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE events DETACH PARTITION events_{THIS_YEAR + 2}")
        cursor.execute(f"DROP TABLE events_{THIS_YEAR + 2}")

    make_partitions()

    assert ensure_partitions(ahead=2) == []


def test_the_edge_of_a_year_is_exact_to_the_millisecond() -> None:
    midnight = datetime(THIS_YEAR + 1, 1, 1, tzinfo=UTC)
    millisecond = timedelta(milliseconds=1)
    highest_tail = (0x7FFF << 64) | (1 << 64) - 1

    assert partition_of(insert(id_at(midnight - millisecond, highest_tail))) == f"events_{THIS_YEAR}"
    assert partition_of(insert(id_at(midnight))) == f"events_{THIS_YEAR + 1}"
    assert partition_of(insert(id_at(midnight + millisecond))) == f"events_{THIS_YEAR + 1}"
    assert lowest_id(THIS_YEAR + 1) == id_at(midnight)


def test_a_foreign_id_lies_in_the_default_partition() -> None:
    assert partition_of(insert(UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"))) == "events_default"


def test_a_look_up_by_id_touches_one_partition(alice: Caller) -> None:
    event = make_event(alice)

    plan = Event.objects.filter(pk=event.id).explain(format="json")

    assert set(re.findall(r'"Relation Name": "(\w+)"', plan)) == {f"events_{THIS_YEAR}"}


def test_the_sql_function_makes_version_7_ids_of_the_present() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_uuid7() FROM generate_series(1, 200)")
        ids = [row[0] for row in cursor.fetchall()]

    assert {made.version for made in ids} == {7}
    assert {made.variant for made in ids} == {"specified in RFC 4122"}
    assert len(set(ids)) == 200
    age = abs(timezone.now().timestamp() * 1000 - (ids[0].int >> 80))
    assert age < 60_000


def test_sql_inserts_get_every_default() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events (title, start_date, created_by) VALUES ('Raw', now(), gen_random_uuid()) RETURNING id"
        )
        event = Event.objects.get(pk=cursor.fetchone()[0])

    assert event.id.version == 7
    assert (event.status, event.currency, event.version, event.tags) == ("active", "USD", 1, [])


def test_bulk_create_stores_plain_ids(alice: Caller) -> None:
    events = Event.objects.bulk_create(
        [Event(title=str(number), start_date=in_days(1), created_by=alice.id) for number in range(3)]
    )

    assert [event.id.version for event in events] == [7, 7, 7]
    assert Event.objects.filter(pk__in=[event.id for event in events]).count() == 3
