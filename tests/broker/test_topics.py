"""`manage.py create_topics` and the id that tells a topic from its successor."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from integrations.kafka.topics import TopicIds
from tests.broker.wire import admin, make_anew, new_topic


def partitions(topic: str) -> int:
    client = admin()
    return len(client.list_topics(topic, timeout=30).topics[topic].partitions)


def test_create_topics_makes_what_is_missing_and_can_be_repeated(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    word = uuid4().hex
    settings.KAFKA_EVENT_TOPIC, settings.KAFKA_USER_TOPICS = f"events.{word}", [f"users.{word}", f"deleted.{word}"]

    call_command("create_topics", "--partitions", "5")
    created = sorted(capsys.readouterr().out.split())
    call_command("create_topics", "--partitions", "7")

    assert created == [f"deleted.{word}", f"events.{word}", f"users.{word}"]
    assert "Nothing to do" in capsys.readouterr().out
    assert [partitions(topic) for topic in created] == [5, 5, 5]


def test_create_topics_says_in_one_line_that_kafka_is_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.kafka.topics.REQUEST_TIMEOUT_SECONDS", 0.5)
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    with pytest.raises(CommandError, match=r"^Kafka at 127\.0\.0\.1:9: "):
        call_command("create_topics")


def test_a_topic_made_anew_has_another_id() -> None:
    topic = new_topic("users")
    ids = TopicIds()
    before = ids.find(topic)
    assert ids.find(topic) == before

    make_anew(topic)

    assert ids.refresh([topic, "absent"]) == {topic: ids.find(topic)}
    assert ids.find(topic) != before
