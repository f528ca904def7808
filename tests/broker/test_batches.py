"""Messages that came together: one commit where they may share a transaction, the old care where one is bad."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.intake import Outcome
from integrations.kafka.lag import measure_lag
from integrations.models import DeadLetter, InboxMessage, UserProfile
from tests.broker.reading import GROUP, about, go_back, known_users, message, take
from tests.broker.wire import committed_offset, send

pytestmark = pytest.mark.django_db(transaction=True)

HANDLED, PARKED, RETRIED = Outcome.HANDLED, Outcome.PARKED, Outcome.RETRIED


@pytest.fixture
def take_together(user_topic: str, lane: int, consumer: MessageConsumer) -> Any:
    """Messages that lie in the topic before the consumer looks, so that it gets all of them at once."""

    def send_and_take(*values: bytes) -> list[Outcome]:
        take(consumer, 0)
        client = consumer._client
        client.pause(client.assignment())
        send(user_topic, *values, partition=lane)
        client.resume(client.assignment())
        found: list[Outcome] = []
        while not found:
            found = consumer.poll_once()
        return found

    return send_and_take


def test_profiles_that_come_together_cost_one_transaction(take_together: Any, user_topic: str, lane: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert take_together(*(about(number) for number in range(1, 31))) == [HANDLED] * 30

    statements = [" ".join(query["sql"].split()[:3]) for query in queries]
    behind_the_first = statements[statements.index("30 times: INSERT") :]
    assert behind_the_first == ["30 times: INSERT", 'INSERT INTO "inbox_messages"', "COMMIT"]
    assert (known_users(), InboxMessage.objects.count()) == (set(range(1, 31)), 30)
    assert committed_offset(GROUP, user_topic, lane) == 30


def test_one_that_is_refused_is_parked_alone(take_together: Any, user_topic: str, lane: int) -> None:
    assert take_together(about(1), about(2), message(user_id=[]), about(4)) == [HANDLED, HANDLED, PARKED, HANDLED]

    assert (known_users(), DeadLetter.objects.count(), InboxMessage.objects.count()) == ({1, 2, 4}, 1, 3)
    assert committed_offset(GROUP, user_topic, lane) == 4


def test_what_was_handled_before_the_database_went_is_committed_and_the_rest_comes_again(
    take_together: Any, consumer: MessageConsumer, user_topic: str, lane: int, settings: Any
) -> None:
    settings.KAFKA_HANDLERS = {**settings.KAFKA_HANDLERS, "test.lost": ["tests.broker.handlers.lose_the_database_once"]}

    assert take_together(about(1), about(2), message("test.lost", user_id=3), about(4)) == [RETRIED]
    assert (known_users(), committed_offset(GROUP, user_topic, lane)) == ({1, 2}, 2)

    assert take(consumer, 2) == [HANDLED, HANDLED]
    assert (known_users(), committed_offset(GROUP, user_topic, lane)) == ({1, 2, 4}, 4)


def test_the_order_of_one_user_is_kept_between_kinds_of_handlers(take_together: Any) -> None:
    deleted = message("user.deleted", user_id=1, timestamp="2026-01-02T03:04:06Z")

    assert take_together(about(1), about(2), deleted, about(1, timestamp="2026-01-02T03:04:07Z")) == [HANDLED] * 4

    removed = UserProfile.objects.get(user_id=UUID(int=1))
    assert (removed.location, removed.removed_at is not None) == ("", True)


def test_of_messages_that_come_again_only_new_ones_are_handled(
    take_together: Any, consumer: MessageConsumer, user_topic: str, lane: int
) -> None:
    take_together(about(1), about(2), about(3))
    InboxMessage.objects.get(offset=1).delete()
    UserProfile.objects.all().delete()
    go_back(consumer, user_topic, lane)

    assert take(consumer, 3) == [Outcome.DUPLICATE, HANDLED, Outcome.DUPLICATE]
    assert known_users() == {2}


def test_the_lag_is_what_lies_behind_the_last_message_read(
    take_together: Any, consumer: MessageConsumer, user_topic: str, lane: int, settings: Any
) -> None:
    settings.KAFKA_BATCH_SIZE = 2

    assert take_together(*(about(number) for number in range(1, 6))) == [HANDLED, HANDLED]

    assert measure_lag(consumer._client)[user_topic, lane] == 3
    assert take(consumer, 3) == [HANDLED] * 3
    assert measure_lag(consumer._client)[user_topic, lane] == 0
