"""The relay when Kafka is silent and when the relay itself is killed."""

import signal

import pytest
from django.db import transaction

from integrations.models import OutboxMessage
from integrations.outbox import delivery
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from meetinity_events.embedded.process import OwnedProcess
from tests.broker.commands import start_command
from tests.broker.wire import numbers_by_key, paused, read_topic, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = ["a", "b", "c"]


def promise_in_turns(start: int, end: int) -> None:
    with transaction.atomic():
        for number in range(start, end):
            record(message_type="test.happened", key=KEYS[number % 3], payload={"number": number})


def in_order(count: int) -> dict[str, list[int]]:
    return {key: list(range(start, count, 3)) for start, key in enumerate(KEYS)}


def test_what_is_written_while_kafka_is_silent_arrives_afterwards_in_order(
    own_broker: OwnedProcess, event_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise_in_turns(0, 9)
    assert relay_outbox() == 9

    with paused(own_broker), monkeypatch.context() as patience:
        patience.setattr(delivery, "DELIVERY_SECONDS", 1.0)
        promise_in_turns(9, 30)
        assert relay_outbox() == 0
        assert OutboxMessage.objects.filter(published_at=None, parked_at=None).count() == 21

    assert relay_outbox() == 21
    assert numbers_by_key(read_topic(event_topic, 30)) == in_order(30)


def test_a_relay_killed_while_it_sends_loses_nothing_and_keeps_the_order(event_topic: str) -> None:
    count = 1500
    fields = {"topic": event_topic, "message_type": "test.happened"}
    OutboxMessage.objects.bulk_create(
        OutboxMessage(key=KEYS[number % 3], payload={"number": number}, **fields) for number in range(count)
    )
    relay = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    relay.send_signal(signal.SIGKILL)
    relay.wait()
    assert 0 < done.count() < count

    wait_until(lambda: relay_outbox() or not OutboxMessage.objects.filter(published_at=None).exists())

    assert numbers_by_key(read_topic(event_topic, count)) == in_order(count)
