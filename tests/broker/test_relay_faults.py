"""The relay when Kafka is silent and when the relay itself is killed."""

import os
import signal
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction

from integrations.kafka.envelope import build_headers
from integrations.kafka.producer import get_producer
from integrations.models import OutboxMessage
from integrations.outbox import delivery
from integrations.outbox.relay import relay_outbox
from meetinity_events.embedded.process import OwnedProcess
from tests.broker.commands import ROOT, start_command
from tests.broker.promises import in_order, promise_in_turns, promise_much
from tests.broker.wire import header, numbers_by_key, paused, read_topic, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_written_while_kafka_is_silent_arrives_afterwards_in_order(
    own_broker: OwnedProcess, event_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise_in_turns(0, 9)
    assert relay_outbox() == 9

    with paused(own_broker), monkeypatch.context() as patience:
        patience.setattr(delivery, "DELIVERY_SECONDS", 1.0)
        promise_in_turns(9, 30)
        given_up = get_producer()
        assert relay_outbox() == 0
        assert len(given_up) == 0  # or each try of a long outage would leave a batch in memory
        assert OutboxMessage.objects.filter(published_at=None, parked_at=None).count() == 21

    assert relay_outbox() == 21
    assert numbers_by_key(read_topic(event_topic, 30)) == in_order(30)


def test_a_relay_killed_while_it_sends_loses_nothing_and_keeps_the_order(event_topic: str) -> None:
    """Another relay takes over: the lock goes with the connection of the first."""
    count = 1500
    promise_much(count)
    relay = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    relay.send_signal(signal.SIGKILL)
    relay.wait()
    assert 0 < done.count() < count

    wait_until(lambda: relay_outbox() or not OutboxMessage.objects.filter(published_at=None).exists())

    assert numbers_by_key(read_topic(event_topic, count)) == in_order(count)


def test_a_relay_that_is_told_to_stop_marks_what_it_has_sent(event_topic: str) -> None:
    promise_much(1500)
    relay = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    relay.send_signal(signal.SIGTERM)

    assert relay.wait() == 0
    assert 0 < done.count() < 1500
    assert len(read_topic(event_topic, done.count())) == done.count()


def waiting_for_a_lock() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted")
        return [pid for (pid,) in cursor.fetchall()]


def test_a_relay_killed_between_the_acknowledgement_and_the_mark_sends_the_same_ids_again(event_topic: str) -> None:
    promise_in_turns(0, 30)
    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(payload__number=0)
        relay = start_command("relay_outbox")
        (backend,) = wait_until(waiting_for_a_lock)
        relay.send_signal(signal.SIGKILL)
        relay.wait()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    assert OutboxMessage.objects.filter(published_at=None).count() == 30

    assert relay_outbox() == 30

    messages = read_topic(event_topic, 30)
    assert len(messages) == 60
    assert len({header(message, "ce_id") for message in messages}) == 30
    assert numbers_by_key(messages) == in_order(30)


def test_under_new_ids_a_consumer_would_take_a_repeat_for_news(
    event_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build_under_a_new_id(**fields: Any) -> dict[str, Any]:
        return {**build_headers(**fields), "ce_id": uuid4().hex}

    monkeypatch.setattr(delivery, "build_headers", build_under_a_new_id)
    promise_in_turns(0, 30)
    assert relay_outbox() == 30
    OutboxMessage.objects.update(published_at=None)  # as it stands when the relay is killed before the mark
    assert relay_outbox() == 30

    numbers = numbers_by_key(read_topic(event_topic, 60))
    assert numbers == {key: 2 * expected for key, expected in in_order(30).items()}


def test_a_forked_worker_sends_with_a_producer_of_its_own(event_topic: str) -> None:
    environ = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": settings.KAFKA_BOOTSTRAP_SERVERS}
    environ["DJANGO_SETTINGS_MODULE"] = "meetinity_events.settings"
    command = [sys.executable, "-m", "tests.broker.forking", event_topic]
    assert subprocess.run(command, env=environ, cwd=ROOT, check=False).returncode == 0

    assert {message.value() for message in read_topic(event_topic, 2)} == {b"from the child", b"from the parent"}
