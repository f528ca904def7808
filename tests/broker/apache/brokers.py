"""How Apache Kafka is set up here: 3.5 with a ZooKeeper of its own, 4 in KRaft mode."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.kafka import answers
from meetinity_events.embedded.ports import find_free_port
from tests.broker.apache.jars import find_jars, version_of
from tests.broker.apache.nodes import Node, java_words, write_properties

KAFKA_3, KAFKA_4, ZOOKEEPER = "kafka-3.5", "kafka-4", "zookeeper-3.9"
KINDS = (KAFKA_3, KAFKA_4)
HOST = "127.0.0.1"
KAFKA_CLASS, FORMAT_CLASS = "kafka.Kafka", "kafka.tools.StorageTool"
ZOOKEEPER_CLASS = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
CLUSTER_ID = "6-5eMUOwSXuCbBUP_Q_3Yw"
LONGEST_SESSION_MS = 30_000
KAFKA_HEAP_MIB, ZOOKEEPER_HEAP_MIB = 384, 128

COMMON = {
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
    "message.max.bytes": 20_000_000,  # a platform that carries messages of 10 MB
    "num.io.threads": 4,
    "num.network.threads": 2,
    "offsets.topic.num.partitions": 4,
}
# A broker that is gone loses its leadership within seconds here, not within half a minute.
QUICK_FAILOVER = {
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3000,
    "controller.quorum.election.timeout.ms": 1000,
    "controller.quorum.fetch.timeout.ms": 2000,
}


@dataclass(frozen=True)
class Broker:
    """A running broker: what it is, where clients find it, and the process to break."""

    title: str
    address: str
    node: Node


@contextmanager
def running_broker(
    kind: str, folder: Path, *, port: int | None = None, advertised: str | None = None, **options: object
) -> Iterator[Broker]:
    """One broker of a kind until the block ends. Clients that know its port are sent to `advertised`, if that is given.

    `options` are fields of Node. Raises EmbeddedError: no Java, no Maven, or it does not start.
    """
    port = port or find_free_port()
    with ExitStack() as stack:
        if kind == KAFKA_3:
            broker = make_kafka_3(stack, folder, port, advertised or f"{HOST}:{port}", options)
        else:
            broker = make_kafka_4(folder, port, advertised or f"{HOST}:{port}", options)
        stack.callback(broker.node.kill)
        broker.node.start()
        yield broker


def make_kafka_3(stack: ExitStack, folder: Path, port: int, advertised: str, options: Mapping[str, object]) -> Broker:
    """Kafka 3.5, for whose life a ZooKeeper is started."""
    zookeeper = make_zookeeper(folder)
    stack.callback(zookeeper.kill)
    zookeeper.start()
    node = make_zookeeper_node(1, folder, port, advertised, zookeeper, options=options)
    versions = version_of(node.jars, "kafka_2.13"), version_of(zookeeper.jars, "zookeeper")
    return Broker(f"Apache Kafka {versions[0]} with ZooKeeper {versions[1]}", advertised, node)


def make_zookeeper_node(
    number: int,
    folder: Path,
    port: int,
    advertised: str,
    zookeeper: Node,
    *,
    replicas: int = 1,
    session_ms: int = 3000,
    options: Mapping[str, object],
) -> Node:
    """One of the brokers of a ZooKeeper, which forgets a killed one, and lets it come back, after `session_ms`."""
    properties = {
        **COMMON,
        **replicated(replicas),
        "broker.id": number,
        "zookeeper.connect": f"{HOST}:{read_port(zookeeper)}",
        "zookeeper.session.timeout.ms": session_ms,
        "listeners": f"PLAINTEXT://{HOST}:{port}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "log.dirs": folder / "kafka",
    }
    return make_node(number, folder, KAFKA_3, port, properties, options)


def make_node(
    number: int,
    folder: Path,
    kind: str,
    port: int,
    properties: Mapping[str, object],
    options: Mapping[str, object],
) -> Node:
    """A broker that is not running yet."""
    arguments = (KAFKA_CLASS, str(write_properties(folder / "kafka.properties", properties)))
    settings = {"heap_mib": KAFKA_HEAP_MIB, **options}
    return Node(f"kafka-{number}", folder, find_jars(kind), arguments, lambda: answers(port), **settings)


def make_zookeeper(folder: Path) -> Node:
    """ZooKeeper 3.9 on a free port."""
    port = find_free_port()
    properties = {
        "tickTime": 500,
        "maxSessionTimeout": LONGEST_SESSION_MS,
        "dataDir": folder / "zookeeper",
        "clientPort": port,
        "clientPortAddress": HOST,
        "admin.enableServer": "false",
    }
    file = write_properties(folder / "zookeeper.properties", properties)
    arguments = (ZOOKEEPER_CLASS, str(file))
    return Node("zookeeper", folder, find_jars(ZOOKEEPER), arguments, lambda: accepts(port), ZOOKEEPER_HEAP_MIB)


def read_port(zookeeper: Node) -> int:
    """Where a ZooKeeper listens."""
    lines = Path(zookeeper.arguments[-1]).read_text().splitlines()
    return int(dict(line.split("=", 1) for line in lines)["clientPort"])


def accepts(port: int) -> bool:
    """True when somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def make_kafka_4(folder: Path, port: int, advertised: str, options: Mapping[str, object]) -> Broker:
    """Kafka 4 that is its own controller."""
    controllers = {1: find_free_port()}
    node = make_kraft_node(1, folder, port, advertised, controllers, options)
    format_disks([node])
    return Broker(f"Apache Kafka {version_of(node.jars, 'kafka_2.13')} (KRaft)", advertised, node)


def make_kraft_node(
    number: int,
    folder: Path,
    port: int,
    advertised: str,
    controllers: Mapping[int, int],
    options: Mapping[str, object],
) -> Node:
    """One of the brokers that find each other by `controllers`, the port of each id."""
    replicas = min(3, len(controllers))
    properties = {
        **COMMON,
        **QUICK_FAILOVER,
        **replicated(replicas),
        "process.roles": "broker,controller",
        "node.id": number,
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controllers[number]}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(f"{each}@{HOST}:{at}" for each, at in controllers.items()),
        "log.dirs": folder / "kafka",
    }
    return make_node(number, folder, KAFKA_4, port, properties, options)


def erase_disk(kind: str, node: Node) -> None:
    """Leave a broker that is not running nothing of what it had. Raises EmbeddedError."""
    shutil.rmtree(node.folder / "kafka")
    if kind == KAFKA_4:
        format_disks([node])


def replicated(replicas: int) -> dict[str, object]:
    """Kafka's own topics on as many brokers as there are."""
    return {
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": 1,
    }


def format_disks(nodes: list[Node]) -> None:
    """Prepare the empty disks of a cluster side by side. Raises EmbeddedError."""
    running = []
    for node in nodes:
        words = java_words(node.jars, 64, "-XX:TieredStopAtLevel=1")
        command = [*words, FORMAT_CLASS, "format", "-t", CLUSTER_ID, "-c", node.arguments[-1]]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for process in running:
        output, _ = process.communicate()
        if process.returncode:
            raise EmbeddedError(f"the disk of a broker could not be prepared:\n{output[-2000:]}")
