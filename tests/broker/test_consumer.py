"""The consumer against a real broker and a real database: what is handled, parked, ignored, repeated."""

from typing import Any
from uuid import UUID

import pytest

from integrations.kafka import consumer as consumer_module
from integrations.kafka import intake
from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.consumer_client import GiveUp, StopConsumingError
from integrations.kafka.dead_letters import discard, replay
from integrations.kafka.envelope import UnreadableMessage
from integrations.kafka.intake import Outcome
from integrations.models import DeadLetter, InboxMessage, UserProfile
from tests.broker.reading import GROUP, Read, about, go_back, known_users, message, take
from tests.broker.wire import committed_offset

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

TEN_MEGABYTES = 10 * 1024 * 1024


def test_a_message_is_handled_remembered_and_committed(read: Read, user_topic: str, lane: int) -> None:
    assert read(about(1), about(2)) == [Outcome.HANDLED, Outcome.HANDLED]

    assert known_users() == {1, 2}
    assert InboxMessage.objects.count() == 2
    assert committed_offset(GROUP, user_topic, lane) == 2


POISON = {
    "broken UTF-8": (b'{"event_type": "user.updated", "user_id": "\xff"}', Outcome.PARKED),
    "not JSON": (b"hello", Outcome.PARKED),
    "NaN": (b'{"event_type": "user.updated", "user_id": NaN}', Outcome.PARKED),
    "an array": (b"[]", Outcome.PARKED),
    "nested without end": (b'{"event_type":' * 5_000, Outcome.PARKED),
    "no value": (None, Outcome.PARKED),
    "an empty value": (b"", Outcome.PARKED),
    "every byte there is": (bytes(range(256)), Outcome.PARKED),
    "a text": (b'"user.updated"', Outcome.PARKED),
    "a location that is a number": (message(user_id=5, location=5), Outcome.PARKED),
    "no type": (b'{"user_id": 5}', Outcome.PARKED),
    "a type that is a number": (b'{"event_type": 5}', Outcome.PARKED),
    "no user": (message(), Outcome.PARKED),
    "a user that is a list": (message(user_id=[]), Outcome.PARKED),
    "no timestamp": (b'{"event_type": "user.updated", "user_id": 5}', Outcome.PARKED),
    "NUL in a text": (message(user_id=5, location="a\0b"), Outcome.PARKED),
    "10 MB": (about(5, industry="x" * TEN_MEGABYTES), Outcome.PARKED),
    "a type that nobody handles": (message("user.created", user_id=5), Outcome.IGNORED),
}


@pytest.mark.parametrize("kind", POISON)
def test_poison_is_put_aside_and_the_next_message_is_handled(read: Read, kind: str) -> None:
    value, outcome = POISON[kind]

    assert read(value, about(7)) == [outcome, Outcome.HANDLED]

    assert known_users() == {7}
    assert DeadLetter.objects.count() == (1 if outcome is Outcome.PARKED else 0)


def test_without_parking_poison_would_end_the_consumer(
    read: Read, user_topic: str, lane: int, consumer: MessageConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as careless:
        careless.setattr(intake.dead_letters, "park", raise_unreadable)
        with pytest.raises(UnreadableMessage):
            read(b"hello", about(7))
    assert (known_users(), committed_offset(GROUP, user_topic, lane)) == (set(), None)

    go_back(consumer, user_topic, lane)
    assert take(consumer, 2) == [Outcome.PARKED, Outcome.HANDLED]


def raise_unreadable(*_: object, error: str, **__: object) -> None:
    raise UnreadableMessage(error)


def test_a_version_and_fields_that_nobody_knows_are_passed_over(read: Read) -> None:
    assert read(about(5, version=99, schema="urn:x:99", nested={"a": [1]}), about(7)) == [Outcome.HANDLED] * 2
    assert known_users() == {5, 7}


@pytest.mark.parametrize("user_id", [77, "77", str(UUID(int=77))])
def test_user_ids_arrive_as_number_digits_or_uuid(read: Read, user_id: object) -> None:
    assert read(message(user_id=user_id, location="here")) == [Outcome.HANDLED]
    assert UserProfile.objects.get().user_id == UUID(int=77)


def test_a_parked_message_keeps_every_byte_and_can_be_replayed(read: Read) -> None:
    value = about(5, industry="x" * TEN_MEGABYTES)
    read(value)

    letter = DeadLetter.objects.get()
    assert bytes(letter.value) == value
    replay(letter.pk)

    assert known_users() == {5}
    letter.refresh_from_db()
    assert (letter.resolution, letter.resolved_at is not None) == ("replayed", True)


def test_a_database_that_comes_back_delays_the_message_and_nothing_else(
    read: Read, user_topic: str, lane: int, settings: Any, consumer: MessageConsumer
) -> None:
    settings.KAFKA_HANDLERS = {
        **settings.KAFKA_HANDLERS,
        "test.shaky": ["tests.broker.handlers.lose_the_database_twice"],
    }
    assert read(message("test.shaky", user_id=8), about(9), outcomes=2) == [Outcome.RETRIED, Outcome.RETRIED]
    assert (committed_offset(GROUP, user_topic, lane), known_users()) == (None, set())

    assert take(consumer, 2) == [Outcome.HANDLED, Outcome.HANDLED]
    assert (known_users(), DeadLetter.objects.count()) == ({8, 9}, 0)


def test_a_database_that_stays_away_ends_the_process(
    read: Read, user_topic: str, lane: int, settings: Any, consumer: MessageConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert consumer_module.MAX_FAILURES == 10
    monkeypatch.setattr(consumer_module, "MAX_FAILURES", 3)
    settings.KAFKA_HANDLERS = {**settings.KAFKA_HANDLERS, "test.lost": ["tests.broker.handlers.lose_the_database"]}
    assert read(message("test.lost"), outcomes=2) == [Outcome.RETRIED] * 2

    with pytest.raises(StopConsumingError, match="3 transient failures") as caught:
        take(consumer, 1)

    assert caught.value.reason == GiveUp.TRY_AGAIN == 75
    assert (committed_offset(GROUP, user_topic, lane), DeadLetter.objects.count()) == (None, 0)
    assert read(about(1)) == [Outcome.HANDLED]


def test_too_many_parked_in_a_row_stop_the_consumer_until_staff_decide(
    read: Read, settings: Any, consumer: MessageConsumer
) -> None:
    settings.KAFKA_PARKED_LIMIT = 2
    settings.KAFKA_HANDLERS = {**settings.KAFKA_HANDLERS, "test.refused": ["tests.broker.handlers.refuse"]}
    refused = message("test.refused")
    assert read(refused, refused, about(1), refused, refused).count(Outcome.PARKED) == 4

    with pytest.raises(StopConsumingError, match="3 messages parked in a row"):
        read(refused)
    with pytest.raises(StopConsumingError):
        consumer.run()

    discard(DeadLetter.objects.latest("id").pk)
    assert read(about(2)) == [Outcome.HANDLED]


def test_a_message_that_comes_again_is_not_handled_again(
    read: Read, user_topic: str, lane: int, consumer: MessageConsumer
) -> None:
    read(about(1))
    UserProfile.objects.all().delete()

    go_back(consumer, user_topic, lane)

    assert take(consumer, 1) == [Outcome.DUPLICATE]
    assert known_users() == set()
