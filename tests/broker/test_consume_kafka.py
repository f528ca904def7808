"""`manage.py consume_kafka` as a process: stopped, started again, and on a topic that is deleted and made anew."""

import signal
import socket
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import urllib3
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from integrations.kafka.consumer_client import GiveUp
from integrations.models import DeadLetter, InboxMessage, UserProfile
from meetinity_events.embedded.ports import find_free_port
from meetinity_events.heartbeat import is_alive
from tests.broker.commands import Supervised
from tests.broker.reading import SESSION_TIMEOUT_MS, about, known_users
from tests.broker.wire import committed_offset, make_anew, new_topic, send, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Consumers:
    """Starts the command on a topic, in a group of the topic's name."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.metrics_port = find_free_port()
        self.started: list[Supervised] = []

    def start(self) -> Supervised:
        variables = {"KAFKA_USER_TOPICS": self.topic, "KAFKA_CONSUMER_GROUP": self.topic}
        timeout = {"KAFKA_SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS)}
        port = {"KAFKA_CONSUMER_METRICS_PORT": str(self.metrics_port)}
        self.started.append(Supervised("consume_kafka", **variables, **timeout, **port))
        return self.started[-1]

    def scrape(self) -> str:
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        return urllib3.request("GET", url, timeout=10, retries=False).data.decode()


@pytest.fixture
def consumers() -> Iterator[Consumers]:
    consumers = Consumers(new_topic("users"))
    yield consumers
    for consumer in consumers.started:
        consumer.kill()


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_it_finishes_the_message_in_hand_and_reads_every_life_of_a_topic(consumers: Consumers) -> None:
    """The client library dies of what the embedded broker says about a deleted topic: it has a supervisor here too."""
    topic = consumers.topic
    UserProfile.objects.create(user_id=UUID(int=3), profile_at=timezone.now().replace(year=2020))
    consumer = consumers.start()
    send(topic, about(1), about(2))
    wait_until(lambda: known_users() == {1, 2, 3})
    assert is_alive(f"consumer@{socket.gethostname()}")
    wait_until(lambda: 'messages_consumed_total{event_type="user.updated",outcome="handled"' in consumers.scrape())

    make_anew(topic)
    send(topic, about(4), about(5))
    wait_until(lambda: known_users() == {1, 2, 3, 4, 5})
    wait_until(lambda: f'consumer_lag{{partition="0",topic="{topic}"}} 0.0' in consumers.scrape())

    with transaction.atomic():
        UserProfile.objects.select_for_update().get(user_id=UUID(int=3))
        send(topic, about(3))
        wait_until(is_waiting_for_a_lock)
        consumer.send_sigterm()
    assert consumer.wait() == 0
    assert UserProfile.objects.get(user_id=UUID(int=3)).location == "place 3"
    assert (InboxMessage.objects.count(), committed_offset(topic, topic)) == (5, 3)

    make_anew(topic)
    send(topic, about(6), about(7))
    consumers.start()
    wait_until(lambda: known_users() == {1, 2, 3, 4, 5, 6, 7})


@pytest.fixture
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_as_before")
def test_it_does_not_start_while_too_many_messages_are_parked_in_a_row() -> None:
    place = {"topic": "users", "topic_id": uuid4(), "partition": 0}
    DeadLetter.objects.bulk_create(DeadLetter(**place, offset=offset, error="refused") for offset in range(21))

    with pytest.raises(CommandError, match="21 messages parked in a row") as caught:
        call_command("consume_kafka")

    assert caught.value.returncode == GiveUp.STAFF_DECIDE == 65
