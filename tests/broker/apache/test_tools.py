"""docs/operations.md: the commands of Apache Kafka's own tools, run with those of the platform's Kafka 3.5."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from django.conf import settings

from meetinity_events.embedded.data_folder import PROJECT_ROOT
from tests.broker.apache.brokers import KAFKA_3
from tests.broker.apache.conftest import Breakable
from tests.broker.apache.jars import find_jars
from tests.broker.apache.nodes import java_words
from tests.broker.reading import about
from tests.broker.wire import committed_offset, is_made, send, wait_until

PAGE = (PROJECT_ROOT / "docs" / "operations.md").read_text()
ASKING, MOVING = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TOOLS = {
    "kafka-topics.sh": ("kafka.admin.TopicCommand",),
    "kafka-consumer-groups.sh": ("kafka.admin.ConsumerGroupCommand",),
    # It would read on for ever.
    "kafka-console-consumer.sh": ("kafka.tools.ConsoleConsumer", "--max-messages", "1"),
}
GROUP = "event-service"


@pytest.fixture
def shell(breakable: Breakable, tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has the tools, as an installation of Apache Kafka has them."""
    java = java_words(find_jars(KAFKA_3), 128, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    for name, words in TOOLS.items():
        tool = tmp_path / name
        tool.write_text(f'#!/bin/sh\nexec {shlex.join((*java, *words))} "$@"\n')
        tool.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


def run(commands: str, shell: dict[str, str]) -> str:
    """What they print; fails where one of them does."""
    here = commands.replace("localhost:9092", settings.KAFKA_BOOTSTRAP_SERVERS)
    done = subprocess.run(["bash", "-euc", here], env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(topic: str, offset: int) -> None:
    """The group has read so far."""
    member = Consumer({"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "group.id": GROUP})
    member.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    member.close()


def test_the_documents_commands_run_on_the_platforms_kafka(shell: dict[str, str]) -> None:
    create, ask = ASKING.split("\n", 1)
    assert "Created topic event.events" in run(create, shell)
    send("event.events", b"a message")
    wait_until(lambda: is_made("user.events", 1))
    send("user.events", about(1), about(2))
    commit("user.events", 1)

    told = run(ask, shell)

    assert told.startswith("a message\n")
    assert GROUP in told.splitlines()
    (place,) = re.findall(rf"^{GROUP} +user\.events +0 +(\d+) +(\d+) +(\d+)", told, re.MULTILINE)
    assert place == ("1", "2", "1")

    run(MOVING, shell)
    assert committed_offset(GROUP, "user.events") == 0
