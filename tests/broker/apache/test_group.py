"""The consumer group on Apache Kafka: members that come, die, come back and work long."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from subprocess import Popen
from typing import Any

import pytest
from confluent_kafka import KafkaException
from django.test import override_settings

from integrations.kafka import consumer as consumer_module
from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.intake import Outcome
from integrations.models import DeadLetter, InboxMessage
from tests.broker.commands import start_command
from tests.broker.reading import about, known_users, message, take
from tests.broker.wire import PARTITIONS, admin, committed_offset, new_topic, send, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SESSION_MS, LONG_SESSION_MS = "6000", "60000"


class Members:
    """Consumers of one topic as processes, in a group of the topic's name."""

    def __init__(self) -> None:
        self.topic = new_topic("users")
        self.started: list[Popen[bytes]] = []

    def start(self, instance_id: str = "", session_ms: str = SESSION_MS) -> Popen[bytes]:
        variables = {"KAFKA_USER_TOPICS": self.topic, "KAFKA_CONSUMER_GROUP": self.topic}
        more = {"KAFKA_SESSION_TIMEOUT_MS": session_ms, "KAFKA_CONSUMER_INSTANCE_ID": instance_id}
        self.started.append(start_command("consume_kafka", **variables, **more))
        return self.started[-1]

    def shares(self) -> dict[str, list[int]]:
        """The partitions of each member, by its name in the group; none before somebody coordinates it."""
        client = admin()
        try:
            group = client.describe_consumer_groups([self.topic])[self.topic].result()
        except KafkaException:
            return {}
        members = [each for each in group.members if each.assignment and each.assignment.topic_partitions]
        return {
            each.group_instance_id or each.member_id: sorted(at.partition for at in each.assignment.topic_partitions)
            for each in members
        }

    def wait_for(self, count: int) -> dict[str, list[int]]:
        """Until so many members share all partitions."""

        def shared() -> dict[str, list[int]] | None:
            shares = self.shares()
            return shares if len(shares) == count and sum(map(len, shares.values())) == PARTITIONS else None

        return wait_until(shared)

    def send(self, start: int, end: int) -> None:
        """User number n goes to partition n % 3."""
        for partition in range(PARTITIONS):
            send(self.topic, *(about(number) for number in range(start, end) if number % 3 == partition),
                 partition=partition)  # fmt: skip


@pytest.fixture
def members() -> Iterator[Members]:
    members = Members()
    yield members
    for member in members.started:
        member.kill()
        member.wait()


def test_members_share_the_partitions_and_one_that_is_killed_is_replaced(members: Members) -> None:
    first = members.start()
    members.wait_for(1)
    members.send(1, 100)
    members.start()
    members.send(100, 200)
    members.wait_for(2)
    members.send(200, 300)
    wait_until(lambda: known_users() == set(range(1, 300)))

    first.kill()
    members.send(300, 400)
    wait_until(lambda: known_users() == set(range(1, 400)))

    members.wait_for(1)
    assert (InboxMessage.objects.count(), DeadLetter.objects.count()) == (399, 0)
    wait_until(lambda: [committed_offset(members.topic, members.topic, at) for at in range(3)] == [133, 133, 133])


def test_a_static_member_that_is_started_again_finds_its_partitions(members: Members) -> None:
    first = members.start("one", LONG_SESSION_MS)
    members.start("two", LONG_SESSION_MS)
    shares = members.wait_for(2)
    first.terminate()
    assert first.wait() == 0

    assert members.shares() == shares
    members.start("one", LONG_SESSION_MS)
    members.send(1, 100)
    wait_until(lambda: known_users() == set(range(1, 100)))
    assert members.shares() == shares


def test_a_second_process_under_the_name_of_a_static_member_ends_the_first(members: Members) -> None:
    first = members.start("one")
    members.wait_for(1)
    members.start("one")

    assert wait_until(first.poll) == 75


@contextmanager
def member_in_this_process(settings: Any) -> Iterator[tuple[MessageConsumer, str]]:
    """It may work for as long as its session lasts, and has a handler that takes longer."""
    topic = new_topic("users")
    settings.KAFKA_HANDLERS = {**settings.KAFKA_HANDLERS, "test.slow": ["tests.broker.handlers.take_nine_seconds"]}
    timings = {"KAFKA_SESSION_TIMEOUT_MS": int(SESSION_MS), "KAFKA_MAX_POLL_INTERVAL_MS": int(SESSION_MS)}
    with override_settings(KAFKA_CONSUMER_GROUP=topic, **timings):
        member = MessageConsumer([topic], first_pause_seconds=0.001)
        yield member, topic
        member.close()


def test_a_handler_that_takes_long_does_not_cost_the_place_in_the_group(settings: Any) -> None:
    with member_in_this_process(settings) as (member, topic):
        send(topic, message("test.slow"), about(1))
        assert take(member, 2) == [Outcome.HANDLED] * 2
        assert (committed_offset(topic, topic), known_users()) == (2, {1})


def test_without_the_keeper_it_would(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "kept_in_group", lambda *_: nullcontext())
    with member_in_this_process(settings) as (member, topic):
        send(topic, message("test.slow"))
        assert take(member, 1) == [Outcome.HANDLED]
        assert committed_offset(topic, topic) is None
