"""What is promised to matching-service: with the change or not at all, a thousand attendees a row."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from integrations.matching.attendance import attendance_sql, record_attendance
from integrations.models import OutboxMessage
from integrations.outbox.record import insert_params, was_asked
from meetinity_events.observability import request_id

EVENT = UUID("01890A5D-AC96-774B-BCCE-B302099A8057")
OTHER = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@transaction.atomic
def promise(*users: int, event_id: UUID = EVENT) -> None:
    record_attendance(
        event_id=event_id, attendees=map(UUID, map(ids, users)), category="Café", tags=["tech", "startup"]
    )


def ids(user: int) -> str:
    return str(UUID(int=user))


def promise_in_sql(*attended: tuple[UUID, int]) -> list[int]:
    """A statement as a service writes it, over what it has just stored."""
    rows = ", ".join(
        f"('{event}'::uuid, '{ids(user)}'::uuid, 'Café', ARRAY['tech', 'startup'])" for event, user in attended
    )
    values = f"(VALUES {rows}) AS rows (event_id, user_id, category, tags)"
    sql = f"WITH attended AS (SELECT * FROM {values}) {attendance_sql(source='attended')}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, insert_params())
        return [row[0] for row in cursor.fetchall()]


def rows() -> list[dict[str, Any]]:
    return list(OutboxMessage.objects.order_by("id").values())


def test_the_row_is_the_platforms_payload_for_matching_service() -> None:
    promise(7, 5, 7)

    (row,) = rows()
    assert row["payload"] == {
        "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "attendees": ["00000000-0000-0000-0000-000000000005", "00000000-0000-0000-0000-000000000007"],
        "event_category": "Café",
        "event_tags": ["tech", "startup"],
    }
    assert (row["destination"], row["topic"]) == ("matching", "/matches/events/attendance")
    assert (row["key"], row["message_type"]) == (str(EVENT), "matching.attendance")
    assert (row["attempts"], row["retry_at"], row["published_at"], row["parked_at"]) == (0, None, None, None)


def test_the_piece_of_sql_writes_the_same_row() -> None:
    promise(5, 7)
    (from_python,) = rows()
    OutboxMessage.objects.all().delete()

    assert promise_in_sql((EVENT, 7), (EVENT, 5), (EVENT, 7)) == [row["id"] for row in rows()]

    (from_sql,) = rows()
    own = ("id", "created_at")
    assert {name: from_sql[name] for name in from_sql if name not in own} == {
        name: from_python[name] for name in from_python if name not in own
    }


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
def test_a_row_holds_a_thousand_attendees(count: int) -> None:
    everybody = [ids(user) for user in range(count)]
    parts = [everybody[start : start + 1000] for start in range(0, count, 1000)]

    promise(*range(count))
    promise_in_sql(*((OTHER, user) for user in range(count)))

    by_event = {
        event: [row["payload"]["attendees"] for row in rows() if row["key"] == str(event)] for event in (EVENT, OTHER)
    }
    assert by_event[EVENT] == parts
    assert sorted(by_event[OTHER]) == sorted(parts)


def test_the_piece_of_sql_keeps_events_apart() -> None:
    promise_in_sql((EVENT, 1), (OTHER, 1), (EVENT, 2))

    told = {row["key"]: row["payload"]["attendees"] for row in rows()}
    assert told == {str(EVENT): [ids(1), ids(2)], str(OTHER): [ids(1)]}


def test_nobody_promises_nothing() -> None:
    promise()
    with transaction.atomic(), connection.cursor() as cursor:
        nobody = "(SELECT id AS event_id, id AS user_id, category, tags FROM events WHERE false) AS nobody"
        cursor.execute(attendance_sql(source=nobody), insert_params())

    assert rows() == []


def test_the_request_and_its_trace_are_kept_for_the_call() -> None:
    tokens = request_id._request_id.set("req-1"), request_id._traceparent.set(TRACE)
    try:
        promise(1)
        promise_in_sql((EVENT, 2))
    finally:
        request_id._request_id.reset(tokens[0])
        request_id._traceparent.reset(tokens[1])

    assert [row["headers"] for row in rows()] == [{"traceparent": TRACE, "X-Request-ID": "req-1"}] * 2


def test_nothing_is_promised_when_the_change_is_rolled_back() -> None:
    with transaction.atomic():
        promise(1)
        transaction.set_rollback(True)

    assert rows() == []


def test_record_attendance_refuses_to_work_outside_of_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="in the transaction"):
        record_attendance(event_id=EVENT, attendees=[UUID(int=1)], category="Networking", tags=[])


def test_the_relay_to_kafka_is_not_woken() -> None:
    promise(1)

    assert not was_asked()


def test_the_database_knows_every_destination() -> None:
    with pytest.raises(IntegrityError, match="outbox_messages_destination_known"):
        OutboxMessage.objects.create(destination="pigeon", topic="t", key="k", message_type="m", payload={})
