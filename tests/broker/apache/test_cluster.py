"""Three brokers: a leader that dies while the relay sends, and what only acks=all keeps."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import NewTopic

from integrations.kafka import producer
from integrations.kafka.producer import discard_producer
from integrations.models import OutboxMessage
from integrations.outbox import delivery
from integrations.outbox.relay import relay_outbox
from meetinity_events.embedded.data_folder import temporary_data_folder
from tests.broker.apache.brokers import Broker
from tests.broker.apache.clusters import running_cluster
from tests.broker.apache.conftest import KIND
from tests.broker.commands import start_command
from tests.broker.promises import in_order, promise_in_turns, promise_much
from tests.broker.wire import admin, numbers_by_key, paused, read_topic, wait_until, wait_until_known

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def brokers() -> Iterator[list[Broker]]:
    with temporary_data_folder() as folder, running_cluster(KIND, folder) as brokers:
        yield brokers


@pytest.fixture
def topic(brokers: list[Broker], settings: Any) -> Iterator[str]:
    """One partition on all three, of which two must have a message before it counts."""
    settings.KAFKA_BOOTSTRAP_SERVERS = ",".join(broker.address for broker in brokers)
    settings.KAFKA_EVENT_TOPIC = topic = f"events.{uuid4().hex}"
    discard_producer()
    client = admin()
    wanted = NewTopic(topic, 1, 3, config={"min.insync.replicas": "2"})
    client.create_topics([wanted])[topic].result()
    wait_until_known(topic)
    yield topic
    discard_producer()


def find_leader(topic: str) -> int:
    """The id of the broker that leads its only partition; 0 while there is none."""
    client = admin()
    try:
        return max(0, client.list_topics(topic, timeout=5).topics[topic].partitions[0].leader)
    except (KafkaException, KeyError):
        return 0


def find_another_leader(topic: str, former: int) -> int:
    return wait_until(lambda: leader if (leader := find_leader(topic)) not in (0, former) else 0)


def is_all_sent() -> bool:
    relay_outbox()
    return not OutboxMessage.objects.filter(published_at=None).exists()


def test_another_broker_takes_over_while_the_relay_sends(brokers: list[Broker], topic: str) -> None:
    leader = wait_until(lambda: find_leader(topic))
    promise_much(1500)
    running = start_command("relay_outbox", OUTBOX_BATCH_SIZE="20")
    done = OutboxMessage.objects.filter(published_at__isnull=False)
    wait_until(done.exists)
    node = brokers[leader - 1].node
    node.kill()
    assert done.count() < 1500

    find_another_leader(topic, leader)
    wait_until(lambda: running.poll() is not None)
    wait_until(is_all_sent)
    node.start()

    assert numbers_by_key(read_topic(topic, 1500)) == in_order(1500)


def send_to_a_leader_that_dies_alone(brokers: list[Broker], topic: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The other two are silent while it takes messages, and go on without it; returns how many counted as sent."""
    leader = wait_until(lambda: find_leader(topic))
    node = brokers[leader - 1].node
    promise_in_turns(0, 3)
    assert relay_outbox() == 3
    assert len(read_topic(topic, 3)) == 3  # nobody is given what the other two do not have
    promise_in_turns(3, 15)
    monkeypatch.setattr(delivery, "DELIVERY_SECONDS", 3.0)
    with ExitStack() as silent:
        for broker in brokers:
            if broker.node is not node:
                silent.enter_context(paused(broker.node.process))
        sent = (
            relay_outbox()
        )  # which still reaches the others, as the answer to the question that they had asked before
        promise_in_turns(15, 30)
        sent += relay_outbox()
        node.kill()
    find_another_leader(topic, leader)
    wait_until(is_all_sent)
    node.start()
    return sent


def test_what_only_a_dead_leader_had_is_sent_again(
    brokers: list[Broker], topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send_to_a_leader_that_dies_alone(brokers, topic, monkeypatch) < 27

    assert numbers_by_key(read_topic(topic, 30)) == in_order(30)


def test_with_the_word_of_the_leader_alone_it_would_be_lost(
    brokers: list[Broker], topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_trusting(options: dict[str, Any], **more: Any) -> Producer:
        weaker = {"acks": 1, "enable.idempotence": False, "enable.gapless.guarantee": False}
        return Producer({**options, **weaker}, **more)

    monkeypatch.setattr(producer, "Producer", make_trusting)
    send_to_a_leader_that_dies_alone(brokers, topic, monkeypatch)

    assert not OutboxMessage.objects.filter(published_at=None).exists()
    assert numbers_by_key(read_topic(topic, 3)) != in_order(30)
