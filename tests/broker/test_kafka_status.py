"""`manage.py kafka_status`: of a broker that is there, of a topic that is missing, and of a broker that is away."""

import json
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, TopicPartition
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from integrations.models import DeadLetter, OutboxMessage
from tests.broker.wire import new_topic, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics(settings: Any) -> tuple[str, str]:
    """One that we write and one that we read, with three messages of which the group has committed two."""
    written, read = new_topic("events", partitions=2), new_topic("users", partitions=1)
    settings.KAFKA_EVENT_TOPIC, settings.KAFKA_USER_TOPICS = written, [read]
    settings.KAFKA_CONSUMER_GROUP = f"group.{uuid4().hex}"
    # One at a time: the embedded broker gives the first offset of a topic's last batch, and one more, for its end.
    for value in (b"a", b"b"):
        send(written, value, partition=1)
        send(read, value)
    send(read, b"c")
    commit(read, 2)
    return written, read


def commit(topic: str, offset: int) -> None:
    """As a member of the service's group does."""
    member = Consumer(
        {
            "bootstrap.servers": django_settings.KAFKA_BOOTSTRAP_SERVERS,
            "group.id": django_settings.KAFKA_CONSUMER_GROUP,
        }
    )
    member.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    member.close()


def test_the_json_tells_each_partition_its_lag_and_the_backlog(
    topics: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    written, read = topics
    OutboxMessage.objects.create(topic=written, key="k", message_type="m", payload={})

    call_command("kafka_status", "--json")

    told = json.loads(capsys.readouterr().out)
    ends = {(each["topic"], each["partition"]): (each["end_offset"], each["lag"]) for each in told["partitions"]}
    assert ends == {(written, 0): (0, None), (written, 1): (2, None), (read, 0): (3, 1)}
    assert {(each["replicas"], each["in_sync"], each["first_offset"]) for each in told["partitions"]} == {(1, 1, 0)}
    assert (told["backlog"]["pending"], told["backlog"]["dead_letters"]) == (1, 0)


def test_all_of_a_topic_is_behind_a_group_that_never_committed(
    topics: tuple[str, str], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KAFKA_CONSUMER_GROUP = f"group.{uuid4().hex}"

    call_command("kafka_status", "--json")

    (read,) = [each for each in json.loads(capsys.readouterr().out)["partitions"] if each["topic"] == topics[1]]
    assert (read["committed_offset"], read["lag"]) == (None, 3)


def test_the_table_has_a_line_for_each_partition_and_figure(
    topics: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    DeadLetter.objects.create(topic=topics[1], topic_id=uuid4(), partition=0, offset=0, error="bad")

    call_command("kafka_status")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1][:3] == ["topic", "partition", "leader"]
    assert [line[0] for line in lines[2:5]] == [topics[0], topics[0], topics[1]]
    assert lines[4][-4:] == ["0", "3", "2", "1"]
    assert ["dead_letters", "1"] in lines


def test_a_missing_topic_is_named_after_all_that_is_known(
    topics: tuple[str, str], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KAFKA_USER_TOPICS = [topics[1], "absent.topic"]

    with pytest.raises(CommandError, match=r"^Missing: absent\.topic\. manage\.py create_topics makes them\.$"):
        call_command("kafka_status")

    assert topics[1] in capsys.readouterr().out


def test_kafka_away_leaves_the_backlog_and_one_line(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("integrations.kafka.status.REQUEST_TIMEOUT_SECONDS", 0.5)
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    with pytest.raises(CommandError, match=r"^Kafka at 127\.0\.0\.1:9: "):
        call_command("kafka_status", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["partitions"], told["backlog"]["pending"]) == ([], 0)
