"""The consumer while its database is away, and killed when the database knows more than Kafka."""

from collections.abc import Iterator
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
from tests.broker.commands import database_url, start_command
from tests.broker.reading import about, known_users
from tests.broker.wire import committed_offset, new_topic, send, wait_until
from tests.proxy import State, proxy_to

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

    def start_consumer(**variables: str) -> Popen[bytes]:
        group = {"KAFKA_USER_TOPICS": topic, "KAFKA_CONSUMER_GROUP": topic, "KAFKA_SESSION_TIMEOUT_MS": "6000"}
        started.append(start_command("consume_kafka", **group, **variables))
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


def test_a_database_that_is_away_delays_messages_and_loses_none(topic: str, start: Any) -> None:
    at = urlsplit(database_url())
    port = find_free_port()
    with proxy_to(at.hostname or "", at.port or 0) as proxy:
        here = at._replace(netloc=f"{at.username}:{at.password}@{proxy.address}")
        process = start(DATABASE_URL=urlunsplit(here), KAFKA_CONSUMER_METRICS_PORT=str(port))
        send(topic, about(1))
        wait_until(lambda: known_users() == {1})

        proxy.state = State.CUT
        send(topic, about(2), about(3))
        wait_until(lambda: count_retries(port) > 0)
        with pytest.raises(AssertionError):
            wait_until(lambda: known_users() != {1} or process.poll() is not None, AWAY_SECONDS)
        proxy.state = State.PASSING

        wait_until(lambda: known_users() == {1, 2, 3})
        assert (process.poll(), DeadLetter.objects.count()) == (None, 0)
        wait_until(lambda: committed_offset(topic, topic) == 3)


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
