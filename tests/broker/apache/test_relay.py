"""The relay while its broker is killed, paused or cut off: nothing lost, order kept, repeats under their ids only."""

import time
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from integrations.kafka import producer
from integrations.kafka.producer import discard_producer
from integrations.models import OutboxMessage
from integrations.outbox import relay
from integrations.outbox.delivery import Delivery
from integrations.outbox.relay import relay_outbox
from tests.broker.apache.brokers import erase_disk
from tests.broker.apache.conftest import KIND, Breakable
from tests.broker.commands import start_command
from tests.broker.promises import in_order, promise_in_turns, promise_much
from tests.broker.wire import (
    PARTITIONS,
    admin,
    is_made,
    new_topic,
    numbers_by_key,
    paused,
    read_topic,
    wait_until,
    wait_until_known,
)
from tests.proxy import State

pytestmark = pytest.mark.django_db(transaction=True)

PAUSE_SECONDS = 20.0


@pytest.fixture
def topic(breakable: Breakable, settings: Any) -> str:
    settings.KAFKA_EVENT_TOPIC = topic = new_topic("events")
    return topic


def is_all_sent() -> bool:
    relay_outbox()
    return not OutboxMessage.objects.filter(published_at=None).exists()


def test_a_broker_that_is_killed_and_started_again_has_all_that_it_acknowledged(
    breakable: Breakable, topic: str
) -> None:
    promise_much(1500)
    running = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    breakable.broker.node.kill()
    acknowledged = done.count()
    breakable.broker.node.start()
    wait_until(lambda: running.poll() is not None)

    wait_until(is_all_sent)

    assert 0 < acknowledged < 1500
    assert numbers_by_key(read_topic(topic, 1500)) == in_order(1500)


@pytest.mark.parametrize(("is_kept", "expected"), [(True, in_order(33)), (False, {"a": [30], "b": [31], "c": [32]})])
def test_what_it_acknowledged_outlives_a_broker_on_its_disk(
    breakable: Breakable, topic: str, is_kept: bool, expected: dict[str, list[int]]
) -> None:
    """With the disk gone too, nothing is left but what was sent afterwards."""
    promise_in_turns(0, 30)
    assert relay_outbox() == 30
    breakable.broker.node.kill()
    discard_producer()
    if not is_kept:
        erase_disk(KIND, breakable.broker.node)
    breakable.broker.node.start()
    wait_until(lambda: is_made(topic, PARTITIONS))

    promise_in_turns(30, 33)
    wait_until(is_all_sent)

    assert numbers_by_key(read_topic(topic, sum(map(len, expected.values())))) == expected


def test_a_broker_that_is_paused_for_20_seconds_delays_messages(breakable: Breakable, topic: str) -> None:
    promise_in_turns(0, 9)
    assert relay_outbox() == 9
    end = time.monotonic() + PAUSE_SECONDS
    with paused(breakable.broker.node.process):
        promise_in_turns(9, 30)
        assert relay_outbox() == 0
        promise_in_turns(30, 60)
        time.sleep(max(0.0, end - time.monotonic()))

    wait_until(is_all_sent)

    assert numbers_by_key(read_topic(topic, 60)) == in_order(60)


def test_a_relay_that_trusted_the_client_instead_of_the_reports_would_lose_them(
    breakable: Breakable, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trust(delivery: Delivery) -> None:
        delivery.acknowledged |= {row.id for row in delivery.rows}

    promise_in_turns(0, 9)
    with paused(breakable.broker.node.process), monkeypatch.context() as careless:
        careless.setattr(relay, "wait_for_reports", trust)
        assert relay_outbox() == 9
        discard_producer()  # what a worker that ends at that moment does

    assert relay_outbox() == 0
    assert read_topic(topic, 0) == []


def test_of_a_batch_with_one_message_that_the_broker_refuses_only_that_one_is_parked(
    breakable: Breakable, topic: str
) -> None:
    """Kafka refuses the whole packet, and the client gives up every message behind it."""
    small = NewTopic(f"small.{uuid4().hex}", 1, 1, config={"max.message.bytes": "1000"})
    client = admin()
    client.create_topics([small])[small.topic].result()
    wait_until_known(small.topic)
    promise_in_turns(0, 30)
    OutboxMessage.objects.filter(key="a").update(topic=small.topic)
    OutboxMessage.objects.filter(payload__number=3).update(payload={"number": 3, "text": "x" * 2000})

    assert relay_outbox() == 29

    (parked,) = OutboxMessage.objects.exclude(parked_at=None)
    assert (parked.payload["number"], parked.error) == (3, "Broker: Message size too large")
    assert numbers_by_key(read_topic(topic, 20)) == {"b": list(range(1, 30, 3)), "c": list(range(2, 30, 3))}
    assert numbers_by_key(read_topic(small.topic, 9)) == {"a": [0, *range(6, 30, 3)]}


def test_an_answer_that_is_lost_with_its_connection_doubles_nothing(breakable: Breakable, topic: str) -> None:
    assert send_and_lose_an_answer(breakable) == 30

    messages = read_topic(topic, 30)
    assert len(messages) == 30
    assert numbers_by_key(messages) == in_order(30)


def test_without_idempotence_it_would(breakable: Breakable, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "Producer", make_forgetful)

    assert send_and_lose_an_answer(breakable) == 30

    assert len(read_topic(topic, 30)) > 30


def send_and_lose_an_answer(breakable: Breakable) -> int:
    """Three packets, of which the broker's word on the first large one does not arrive."""
    discard_producer()
    producer.get_producer().list_topics(timeout=10)
    promise_in_turns(0, 30, text="x" * 10_000)
    breakable.proxy.state = State.LOSING_AN_ANSWER
    sent = relay_outbox()
    assert breakable.proxy.state is State.PASSING
    return sent


def make_forgetful(options: dict[str, Any], **more: Any) -> Producer:
    return Producer({**options, "enable.idempotence": False, "enable.gapless.guarantee": False}, **more)
