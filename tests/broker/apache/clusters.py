"""Several brokers of one kind that lead and follow each other."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from meetinity_events.embedded.ports import find_free_port
from tests.broker.apache.brokers import (
    HOST,
    KAFKA_3,
    Broker,
    format_disks,
    make_kraft_node,
    make_zookeeper,
    make_zookeeper_node,
)
from tests.broker.apache.nodes import Node

# Brokers that a test silences shall not be given up by ZooKeeper meanwhile, or the one that goes on may not lead.
SESSION_MS = 15_000


@contextmanager
def running_cluster(kind: str, folder: Path, size: int = 3) -> Iterator[list[Broker]]:
    """Brokers by id from 1: of Kafka 3.5 with one ZooKeeper, or of Kafka 4, all of them controllers too."""
    ports = {number: find_free_port() for number in range(1, size + 1)}
    with ExitStack() as stack:
        nodes = make_kafka_3_nodes(stack, folder, ports) if kind == KAFKA_3 else make_kafka_4_nodes(folder, ports)
        for node in nodes:
            stack.callback(node.kill)
            node.launch()
        for node in nodes:
            node.wait()
        yield [Broker(node.name, f"{HOST}:{port}", node) for node, port in zip(nodes, ports.values(), strict=True)]


def make_kafka_3_nodes(stack: ExitStack, folder: Path, ports: Mapping[int, int]) -> list[Node]:
    """Their ZooKeeper is started for as long as the stack lasts."""
    zookeeper = make_zookeeper(folder)
    stack.callback(zookeeper.kill)
    zookeeper.start()
    more = {"replicas": len(ports), "session_ms": SESSION_MS}
    return [
        make_zookeeper_node(number, folder / str(number), port, f"{HOST}:{port}", zookeeper, **more, options={})
        for number, port in ports.items()
    ]


def make_kafka_4_nodes(folder: Path, ports: Mapping[int, int]) -> list[Node]:
    """They find each other by the ports of their controllers."""
    controllers = {number: find_free_port() for number in ports}
    nodes = [
        make_kraft_node(number, folder / str(number), port, f"{HOST}:{port}", controllers, {})
        for number, port in ports.items()
    ]
    format_disks(nodes)
    return nodes
