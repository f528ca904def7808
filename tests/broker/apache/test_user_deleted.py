"""`user.deleted` of somebody with a hundred thousand seats, through Kafka and a consumer of its own."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from events.models import Event
from integrations.models import OutboxMessage, UserProfile
from registrations.models import Registration
from registrations.services.remove_user import AT_A_TIME, LEFT_TOGETHER
from tests.broker.apache.conftest import Breakable
from tests.broker.commands import start_command
from tests.broker.reading import about, known_users, message
from tests.broker.wire import committed_offset, new_topic, send, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

COUNT, USER, ORGANISER = 100_000, UUID(int=102), UUID(int=101)
PATIENCE_SECONDS = 600
# What a batch of rows and its statement need, and by far not what all of them would.
MORE_MEMORY_KIB = 12 * 1024
GO_SQL = """
    WITH coming AS (
        INSERT INTO events (title, start_date, created_by, category, status, current_attendees)
        SELECT 'Evening ' || number, now() + interval '30 days', %(organiser)s, 'Networking', 'active', 1
        FROM generate_series(1, %(count)s) AS number RETURNING id
    )
    INSERT INTO event_registrations (id, event_id, user_id, status, registration_data, registered_at, updated_at)
    SELECT gen_random_uuid(), id, %(user)s, 'registered', '{"diet": "vegan"}', now(), now() FROM coming
"""
# Each row knows the transaction that wrote it last.
MOST_SQL = "SELECT max(rows) FROM (SELECT count(*) AS rows FROM {table} GROUP BY xmin) AS transactions"


def ask(sql: str, **parameters: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(cursor.fetchone()) if cursor.description else ()


def peak_kib(pid: int) -> int:
    """The most memory that the process ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])


def test_a_hundred_thousand_seats_are_given_back_in_small_transactions(breakable: Breakable) -> None:
    topic = new_topic("users")
    ask(GO_SQL, organiser=ORGANISER, user=USER, count=COUNT)
    ask("ANALYZE events, event_registrations")
    process = start_command("consume_kafka", KAFKA_USER_TOPICS=topic, KAFKA_CONSUMER_GROUP=topic)
    try:
        send(topic, about(1))
        wait_until(lambda: known_users() == {1})
        before = peak_kib(process.pid)
        send(topic, message("user.deleted", user_id=USER.int), about(2))
        cancelled = OutboxMessage.objects.filter(message_type="event.registration.cancelled")
        wait_until(cancelled.exists)
        untouched = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        assert Event.objects.filter(pk=untouched, current_attendees=1).update(title="Morning") == 1
        wait_until(lambda: committed_offset(topic, topic) == 3, PATIENCE_SECONDS)
        assert peak_kib(process.pid) < before + MORE_MEMORY_KIB
    finally:
        process.kill()
        process.wait()

    assert not Registration.objects.of_user(USER).exists()
    assert Registration.objects.filter(status="cancelled", registration_data__isnull=True).count() == COUNT
    assert Event.objects.filter(current_attendees=0).count() == COUNT
    assert cancelled.values("key").distinct().count() == cancelled.count() == COUNT
    assert UserProfile.objects.get(user_id=USER).removed_at is not None
    assert Event.objects.get(pk=untouched).title == "Morning"
    for table, most in (("outbox_messages", LEFT_TOGETHER), ("event_registrations", AT_A_TIME)):
        assert ask(MOST_SQL.format(table=table)) == (most,)
