"""The table `events` is the platform's: columns, types, defaults, constraints, indexes."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from events.models import Event
from tests.factories import Caller, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COLUMNS = {
    "id": ("uuid", "NO", "event_uuid7()"),
    "title": ("character varying", "NO", None),
    "description": ("text", "YES", None),
    "location": ("character varying", "YES", None),
    "latitude": ("numeric", "YES", None),
    "longitude": ("numeric", "YES", None),
    "start_date": ("timestamp with time zone", "NO", None),
    "end_date": ("timestamp with time zone", "YES", None),
    "timezone": ("character varying", "NO", "'UTC'::character varying"),
    "max_attendees": ("integer", "YES", None),
    "current_attendees": ("integer", "NO", "0"),
    "category": ("character varying", "YES", None),
    "category_id": ("uuid", "YES", None),
    "tags": ("ARRAY", "NO", "'{}'::character varying[]"),
    "image_url": ("text", "YES", None),
    "is_virtual": ("boolean", "NO", "false"),
    "virtual_link": ("text", "YES", None),
    "price": ("numeric", "NO", "0.00"),
    "currency": ("character varying", "NO", "'USD'::character varying"),
    "status": ("character varying", "NO", "'active'::character varying"),
    "registration_form": ("jsonb", "YES", None),
    "attendance_closed_at": ("timestamp with time zone", "YES", None),
    "created_by": ("uuid", "NO", None),
    "version": ("integer", "NO", "1"),
    "created_at": ("timestamp with time zone", "NO", "now()"),
    "updated_at": ("timestamp with time zone", "NO", "now()"),
    "popularity": ("integer", "NO", "0"),
}
GENERATED = {"place": "USER-DEFINED", "search": "tsvector"}

INDEXES = {
    "idx_events_uploaded_image",
    "events_pkey",
    "idx_events_start_date",
    "idx_events_location",
    "idx_events_category",
    "idx_events_category_id",
    "idx_events_status",
    "idx_events_created_by",
    "idx_events_tags",
    "idx_events_attendance_due",
    "idx_events_place",
    "idx_events_past_place",
    "idx_events_search",
    "idx_events_popular",
    "idx_events_recent",
}


def read_columns(table: str) -> dict[str, tuple[str, str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        return {name: (kind, nullable, default) for name, kind, nullable, default in cursor.fetchall()}


def read_names(sql: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [table])
        return {row[0] for row in cursor.fetchall()}


def execute(sql: str, parameters: Sequence[Any] = ()) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_every_column_has_the_platforms_type_nullability_and_default() -> None:
    assert read_columns("events") == COLUMNS


def test_the_model_knows_every_column_but_the_generated_ones() -> None:
    assert {field.column for field in Event._meta.concrete_fields} == set(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'events' AND is_generated = 'ALWAYS'"
        )
        assert dict(cursor.fetchall()) == GENERATED


def test_every_index_has_the_platforms_name_also_on_partitions_to_come() -> None:
    assert read_names("SELECT indexname FROM pg_indexes WHERE tablename = %s", "events") == INDEXES


def test_the_registrations_have_the_platforms_names() -> None:
    indexes = read_names("SELECT indexname FROM pg_indexes WHERE tablename = %s", "event_registrations")
    constraints = read_names(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f', 'c') "
        "AND conparentid = 0",
        "event_registrations",
    )

    assert indexes == {
        "event_registrations_pkey",
        "event_registrations_event_id_user_id_key",
        "idx_registrations_event",
        "idx_registrations_user",
        "idx_registrations_status",
        "idx_registrations_waitlist",
        "idx_registrations_coming",
    }
    assert constraints == {
        "event_registrations_pkey",
        "event_registrations_event_id_user_id_key",
        "event_registrations_event_id_fkey",
        "event_registrations_status_known",
        "event_registrations_waiting_in_order",
        "event_registrations_check_in_whole",
    }


def test_deleting_an_event_in_sql_takes_its_registrations_along(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    event.registrations.create(user_id=bob.id)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events WHERE id = %s", [event.id])

    assert event.registrations.count() == 0


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("current_attendees = -1", "events_seats_within_capacity"),
        ("max_attendees = 1, current_attendees = 2", "events_seats_within_capacity"),
        ("status = 'lost'", "events_status_known"),
        ("end_date = start_date", "events_end_after_start"),
        ("price = -0.01", "events_price_not_negative"),
        ("category_id = gen_random_uuid()", "events_category_id_fkey"),
    ],
)
def test_the_database_itself_refuses(alice: Caller, change: str, constraint: str) -> None:
    event = make_event(alice)

    with pytest.raises(IntegrityError, match=constraint):
        execute(f"UPDATE events SET {change} WHERE id = %s", [event.id])


def test_a_category_in_use_cannot_be_deleted_even_in_sql(alice: Caller) -> None:
    make_event(alice, category="Workshop")

    with pytest.raises(IntegrityError, match="events_category_id_fkey"):
        execute("DELETE FROM event_categories WHERE name = 'Workshop'")


def test_a_seat_is_a_hot_update(alice: Caller) -> None:
    """No index holds a column that the seat's UPDATE touches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'events'")
        assert [row[0] for row in cursor.fetchall() if "current_attendees" in row[0]] == []
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname ~ '^events_(default|20)' AND relkind = 'r'")
        assert all("fillfactor=80" in options for (options,) in cursor.fetchall())


def test_taking_a_seat_touches_no_index_and_a_move_does(alice: Caller, bob: Caller) -> None:
    """The generated columns stay as they are; the second update is the control."""
    event = make_event(alice, latitude=1, longitude=1)
    before = read_updates()

    assert bob.post(f"/events/{event.id}/register").status_code == 201
    taken = read_updates()
    Event.objects.filter(pk=event.id).update(latitude=2)

    assert (taken[0] - before[0], taken[1] - before[1]) == (1, 1)
    moved = read_updates()
    assert (moved[0] - taken[0], moved[1] - taken[1]) == (1, 0)


def read_updates() -> tuple[int, int]:
    """Updates of events in this transaction, and how many of them were HOT."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_upd)::int, sum(n_tup_hot_upd)::int FROM pg_stat_xact_user_tables "
            "WHERE relname ~ '^events_'"
        )
        updates, hot = cursor.fetchone()
        return updates, hot
