"""A topic that is deleted and made anew: every new message is handled."""

from uuid import UUID, uuid4

import pytest

from integrations.kafka import consumer as consumer_module
from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.intake import Outcome
from integrations.models import ConsumedPartition, InboxMessage, UserProfile
from tests.broker.reading import Read, about, go_back, known_users, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def formerly(
    read: Read, user_topic: str, lane: int, consumer: MessageConsumer, monkeypatch: pytest.MonkeyPatch
) -> UUID:
    """Two users were read while the topic had this id, which is not the one that the broker tells."""
    assert read(about(1), about(2)) == [Outcome.HANDLED] * 2
    monkeypatch.setattr(consumer_module, "TOPIC_CHECK_SECONDS", 0.0)
    former_id = uuid4()
    InboxMessage.objects.update(topic_id=former_id)
    ConsumedPartition.objects.update_or_create(topic=user_topic, partition=lane, defaults={"topic_id": former_id})
    UserProfile.objects.all().delete()
    return former_id


def test_a_topic_made_anew_is_read_from_its_beginning(
    formerly: UUID, user_topic: str, lane: int, consumer: MessageConsumer
) -> None:
    assert take(consumer, 2) == [Outcome.HANDLED] * 2

    assert known_users() == {1, 2}
    anew = InboxMessage.objects.exclude(topic_id=formerly).order_by("id")
    assert list(anew.values_list("offset", flat=True)) == [0, 1]
    assert ConsumedPartition.objects.get(topic=user_topic, partition=lane).topic_id != formerly


def test_without_the_remembered_id_its_first_messages_would_be_missed(
    formerly: UUID, consumer: MessageConsumer
) -> None:
    ConsumedPartition.objects.all().delete()

    assert [consumer.poll_once(0.3) for _ in range(3)] == [[]] * 3
    assert known_users() == set()


def test_the_id_is_asked_for_again_before_a_message_counts_as_a_repeat(
    formerly: UUID, user_topic: str, lane: int, consumer: MessageConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "TOPIC_CHECK_SECONDS", 1000.0)
    consumer._topic_ids._ids[user_topic] = formerly
    go_back(consumer, user_topic, lane, 1)

    assert take(consumer, 2) == [Outcome.HANDLED] * 2
    assert known_users() == {1, 2}
