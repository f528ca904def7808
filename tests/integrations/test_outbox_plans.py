"""Each relay finds its own rows by an index that holds nothing else, however many there are of the other's."""

import pytest
from django.db import connection
from django.utils.timezone import now

from integrations.admin.outbox import OutboxStateFilter
from integrations.matching import relay as matching
from integrations.models import OutboxMessage
from integrations.outbox import backlog
from integrations.outbox import relay as kafka

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KAFKA_INDEX, MATCHING_INDEX = "outbox_messages_waiting", "outbox_messages_matching"


@pytest.fixture(autouse=True, scope="module")
def _busy_outbox(kept_rows: None) -> None:
    """What a week leaves behind, and a hundred rows that wait for each destination."""
    rows = [{"published_at": now()}] * 3000 + [{"destination": "matching", "parked_at": now()}] * 1000
    rows += [{"destination": destination} for destination in ("kafka", "matching")] * 100
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="t", key="k", message_type="m", payload={"a": "x" * 200}, **row) for row in rows
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_messages")


def indexes_of(sql: str) -> set[str]:
    """The indexes that PostgreSQL reads for the query; a whole table is an index of its own here."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    names = {KAFKA_INDEX, MATCHING_INDEX, "outbox_messages_pkey", "Seq Scan on outbox_messages"}
    return {name for name in names if name in plan}


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (f"SELECT EXISTS (SELECT {kafka.WAITING})", KAFKA_INDEX),
        (f"SELECT {kafka.COLUMNS} {kafka.WAITING} ORDER BY id LIMIT 500", KAFKA_INDEX),
        (backlog.BACKLOG_SQL, KAFKA_INDEX),
        (f"SELECT EXISTS (SELECT {matching.DUE})", MATCHING_INDEX),
        (f"SELECT id, key, payload, headers, attempts {matching.DUE} ORDER BY id LIMIT 200", MATCHING_INDEX),
        (backlog.MATCHING_SQL, MATCHING_INDEX),
    ],
)
def test_a_relay_reads_its_own_index(sql: str, index: str) -> None:
    assert indexes_of(sql) == {index}


def test_a_question_that_names_no_destination_reads_the_table() -> None:
    """So the plans above are a matter of the destination in the question."""
    waiting = "WHERE published_at IS NULL AND parked_at IS NULL"
    assert indexes_of(f"SELECT count(*) FROM outbox_messages {waiting}") == {"Seq Scan on outbox_messages"}


def test_the_desks_list_of_what_is_pending_reads_the_two_indexes() -> None:
    with connection.cursor() as cursor:
        pending = OutboxMessage.objects.filter(OutboxStateFilter.conditions["pending"]).order_by("-id")[:50]
        statement = cursor.mogrify(*pending.query.sql_with_params())
    assert indexes_of(statement) == {KAFKA_INDEX, MATCHING_INDEX, "outbox_messages_pkey"}
