"""Recording a message: with the change or not at all, and a wake-up that never hurts the caller."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from celery import Celery, current_app
from django.db import connection, transaction
from django_redis import get_redis_connection

from integrations.models import OutboxMessage
from integrations.outbox.record import NUDGE_KEY, forget_nudge, insert_params, insert_sql, nudge_on_commit, record
from integrations.tasks import relay_outbox
from meetinity_events.celery import app as celery_app
from meetinity_events.observability import request_id

KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def tasks() -> Iterator[Any]:
    """The broker's own list of waiting relay tasks, empty at the start."""
    with current_app.connection_for_write() as broker:
        queue = broker.default_channel
        queue.client.delete("outbox")
        yield lambda: queue.client.llen("outbox")
        queue.client.delete("outbox")


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.setblocking(False)
        yield server


def count_callers(server: socket.socket) -> int:
    """How many connections were made since the last count."""
    callers = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            callers += 1
    return callers


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes the service's Celery an application whose broker is at another port."""

    def move(port: int) -> None:
        elsewhere = Celery("elsewhere", set_as_current=True)
        elsewhere.config_from_object("django.conf:settings", namespace="CELERY")
        # Celery looks here before it looks into its settings.
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{port}/0")

    yield move
    celery_app.set_current()


def promise() -> None:
    with transaction.atomic():
        record(message_type="test.happened", key=KEY, payload={"text": "Café"})


def test_record_stores_the_message_with_the_change() -> None:
    promise()

    message = OutboxMessage.objects.get()
    assert (message.topic, message.key) == ("event.events", "01890a5d-ac96-774b-bcce-b302099a8057")
    assert (message.message_type, message.payload, message.headers) == ("test.happened", {"text": "Café"}, {})
    assert (message.published_at, message.parked_at, message.error) == (None, None, "")


def test_record_keeps_the_trace_of_the_request() -> None:
    token = request_id._traceparent.set(TRACE)
    try:
        promise()
    finally:
        request_id._traceparent.reset(token)

    assert OutboxMessage.objects.get().headers == {"traceparent": TRACE}


def test_nothing_is_recorded_when_the_change_is_rolled_back(tasks: Any) -> None:
    with transaction.atomic():
        record(message_type="test.happened", key=KEY, payload={})
        transaction.set_rollback(True)

    assert (OutboxMessage.objects.count(), tasks()) == (0, 0)


def test_record_refuses_to_work_outside_of_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="in the transaction"):
        record(message_type="test.happened", key=KEY, payload={})


def test_the_piece_of_sql_records_one_message_for_each_row() -> None:
    sql = insert_sql(
        message_type="test.happened",
        source="change",
        key_sql="change.id::text",
        payload_sql="jsonb_build_object('number', change.number)",
    )
    values = "(VALUES (%(key)s::uuid, 1), (%(key)s::uuid, 2)) AS rows (id, number)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"WITH change AS (SELECT * FROM {values}) {sql}", {"key": KEY, **insert_params()})
        ids = [row[0] for row in cursor.fetchall()]

    messages = OutboxMessage.objects.order_by("id")
    assert [message.id for message in messages] == ids
    assert [message.payload for message in messages] == [{"number": 1}, {"number": 2}]
    assert {(message.key, message.topic, message.message_type) for message in messages} == {
        (str(KEY), "event.events", "test.happened")
    }


def test_the_piece_of_sql_takes_no_type_that_is_not_a_plain_name() -> None:
    with pytest.raises(ValueError, match="lower-case words"):
        insert_sql(message_type="x'; --", source="a", key_sql="b", payload_sql="c")


def test_a_burst_of_commits_asks_for_one_relay_until_it_has_begun(tasks: Any) -> None:
    for _ in range(20):
        promise()
    assert tasks() == 1

    forget_nudge()
    promise()
    assert tasks() == 2


def test_the_relay_task_lets_the_next_commit_ask_again(tasks: Any, settings: Any) -> None:
    with transaction.atomic():
        nudge_on_commit()
    assert get_redis_connection("default").exists(NUDGE_KEY)

    relay_outbox()

    assert not get_redis_connection("default").exists(NUDGE_KEY)


def test_a_silent_broker_does_not_hold_up_the_caller_and_is_asked_once(
    silent_server: socket.socket, broker_at: Any
) -> None:
    """Otherwise this test takes half a minute."""
    broker_at(silent_server.getsockname()[1])

    promise()
    assert count_callers(silent_server) == 1
    promise()

    assert count_callers(silent_server) == 0
    assert OutboxMessage.objects.count() == 2


def test_a_silent_cache_loses_nothing(silent_server: socket.socket, tasks: Any, settings: Any) -> None:
    location = f"redis://127.0.0.1:{silent_server.getsockname()[1]}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}

    promise()

    assert (OutboxMessage.objects.count(), tasks()) == (1, 1)


def test_a_broker_that_refuses_costs_nothing_and_loses_nothing(broker_at: Any) -> None:
    broker_at(9)

    promise()

    assert OutboxMessage.objects.count() == 1
