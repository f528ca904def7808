"""The relay when Kafka is silent and when the relay itself is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction

from integrations.kafka import producer
from integrations.models import OutboxMessage
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from meetinity_events.embedded.process import OwnedProcess
from tests.broker.wire import numbers_by_key, paused, read_topic, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = ["a", "b", "c"]
ROOT = Path(__file__).resolve().parents[2]


def promise_in_turns(start: int, end: int) -> None:
    with transaction.atomic():
        for number in range(start, end):
            record(message_type="test.happened", key=KEYS[number % 3], payload={"number": number})


def in_order(count: int) -> dict[str, list[int]]:
    return {key: list(range(start, count, 3)) for start, key in enumerate(KEYS)}


def database_url() -> str:
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


def start_command(name: str, **variables: str) -> subprocess.Popen[bytes]:
    """`manage.py <name>` on this test's database and broker."""
    servers = {"DATABASE_URL": database_url(), "KAFKA_BOOTSTRAP_SERVERS": django_settings.KAFKA_BOOTSTRAP_SERVERS}
    topics = {"KAFKA_EVENT_TOPIC": django_settings.KAFKA_EVENT_TOPIC}
    environ = {**os.environ, **servers, **topics, **variables}
    return subprocess.Popen([sys.executable, ROOT / "manage.py", name], env=environ, stdout=subprocess.DEVNULL)


def test_what_is_written_while_kafka_is_silent_arrives_afterwards_in_order(
    own_broker: OwnedProcess, event_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producer, "DELIVERY_TIMEOUT_MS", 1500)
    promise_in_turns(0, 9)
    assert relay_outbox() == 9

    with paused(own_broker):
        promise_in_turns(9, 30)
        assert relay_outbox() == 0
        assert OutboxMessage.objects.filter(published_at=None, parked_at=None).count() == 21

    assert relay_outbox() == 21
    assert numbers_by_key(read_topic(event_topic, 100, patience_seconds=1.5)) == in_order(30)


def test_a_relay_killed_while_it_sends_loses_nothing_and_keeps_the_order(event_topic: str) -> None:
    count = 3000
    promise_in_turns(0, count)
    relay = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    relay.send_signal(signal.SIGKILL)
    relay.wait()
    assert 0 < done.count() < count

    wait_until(lambda: relay_outbox() or not OutboxMessage.objects.filter(published_at=None).exists())

    assert numbers_by_key(read_topic(event_topic, count + 500, patience_seconds=3)) == in_order(count)
