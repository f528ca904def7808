"""The consumer while its database is away, and killed when the database knows more than Kafka."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
import urllib3
from django.db import connection, transaction
from django.utils.timezone import now

from integrations.models import DeadLetter, InboxMessage, UserProfile
from meetinity_events.embedded.ports import find_free_port
from tests.broker.apache.brokers import KAFKA_4
from tests.broker.apache.conftest import KIND, Breakable
from tests.broker.commands import database_url, start_command, start_python
from tests.broker.reading import about, known_users
from tests.broker.wire import committed_offset, new_topic, send, wait_until
from tests.proxy import Proxy, State, proxy_to

pytestmark = pytest.mark.django_db(transaction=True)

# The minute once, for it passes by the clock; what the broker is does not matter to it.
AWAY_SECONDS = 60.0 if KIND == KAFKA_4 else 5.0


@pytest.fixture
def topic(breakable: Breakable) -> str:
    return new_topic("users")


@pytest.fixture
def start(topic: str) -> Iterator[Any]:
    """Start a consumer of the topic; `variables` add to its environment."""
    started: list[Popen[bytes]] = []

    def start_consumer(*, is_careless: bool = False, **variables: str) -> Popen[bytes]:
        group = {"KAFKA_USER_TOPICS": topic, "KAFKA_CONSUMER_GROUP": topic, "KAFKA_SESSION_TIMEOUT_MS": "6000"}
        both = {**group, **variables}
        careless = ("-m", "tests.broker.apache.careless_consumer")
        started.append(start_python(*careless, **both) if is_careless else start_command("consume_kafka", **both))
        return started[-1]

    yield start_consumer
    for process in started:
        process.kill()
        process.wait()


def count_retries(port: int) -> int:
    """As its own metrics tell; none while it does not answer."""
    try:
        scraped = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics", timeout=5, retries=False).data.decode()
    except urllib3.exceptions.HTTPError:
        return 0
    lines = [line for line in scraped.splitlines() if line.startswith("messages_consumed_total{")]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if 'outcome="retried"' in line)


@dataclass(frozen=True)
class Cut:
    """A consumer that has handled user 1, the way to its database, and how often it has tried in vain."""

    process: Popen[bytes]
    proxy: Proxy
    metrics_port: int

    def cut(self, topic: str) -> None:
        """Take the database away, send users 2 and 3, and wait until the consumer has failed."""
        self.proxy.state = State.CUT
        send(topic, about(2), about(3))
        wait_until(lambda: count_retries(self.metrics_port) > 0)


@contextmanager
def consuming_through_a_proxy(topic: str, start: Any, *, is_careless: bool = False) -> Iterator[Cut]:
    """Until the block ends."""
    at, port = urlsplit(database_url()), find_free_port()
    with proxy_to(at.hostname or "", at.port or 0) as proxy:
        here = urlunsplit(at._replace(netloc=f"{at.username}:{at.password}@{proxy.address}"))
        process = start(is_careless=is_careless, DATABASE_URL=here, KAFKA_CONSUMER_METRICS_PORT=str(port))
        send(topic, about(1))
        wait_until(lambda: known_users() == {1})
        wait_until(lambda: committed_offset(topic, topic) == 1)  # behind it nothing is in hand that could fail
        yield Cut(process, proxy, port)


def test_a_database_that_is_away_delays_messages_and_loses_none(topic: str, start: Any) -> None:
    with consuming_through_a_proxy(topic, start) as consumer:
        consumer.cut(topic)
        with pytest.raises(AssertionError):
            wait_until(lambda: known_users() != {1} or consumer.process.poll() is not None, AWAY_SECONDS)
        consumer.proxy.state = State.PASSING

        wait_until(lambda: known_users() == {1, 2, 3})
        assert (consumer.process.poll(), DeadLetter.objects.count()) == (None, 0)
        wait_until(lambda: committed_offset(topic, topic) == 3)


def test_a_consumer_that_did_not_go_back_to_what_failed_would_lose_it(topic: str, start: Any) -> None:
    with consuming_through_a_proxy(topic, start, is_careless=True) as consumer:
        consumer.cut(topic)
        consumer.proxy.state = State.PASSING
        send(topic, about(4))

        wait_until(lambda: committed_offset(topic, topic) == 4)
        assert known_users() & {1, 2, 4} == {1, 4}


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(("is_remembered", "expected"), [(True, {2}), (False, {1, 2})])
def test_killed_between_the_databases_commit_and_kafkas_it_relies_on_the_inbox(
    topic: str, start: Any, breakable: Breakable, is_remembered: bool, expected: set[int]
) -> None:
    """Without the inbox's row the message is handled once more."""
    UserProfile.objects.create(user_id=UUID(int=1), profile_at=now().replace(year=2020))
    process = start()
    with transaction.atomic():
        UserProfile.objects.select_for_update().get()
        send(topic, about(1))
        wait_until(is_waiting_for_a_lock)
        breakable.proxy.state = State.SILENT
    wait_until(InboxMessage.objects.exists)
    process.kill()
    process.wait()
    breakable.proxy.state = State.CUT
    wait_until(lambda: not breakable.proxy.passers)
    breakable.proxy.state = State.PASSING
    assert committed_offset(topic, topic) is None
    UserProfile.objects.all().delete()
    if not is_remembered:
        InboxMessage.objects.all().delete()

    start()
    send(topic, about(2))

    wait_until(lambda: committed_offset(topic, topic) == 2)
    assert known_users() == expected
