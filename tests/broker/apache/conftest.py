"""A broker that may be broken, behind a proxy that may lose an answer; which Kafka it is says `make test-kafka`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from integrations.kafka.producer import discard_producer
from meetinity_events.embedded.data_folder import temporary_data_folder
from meetinity_events.embedded.ports import find_free_port
from tests.broker.apache.brokers import HOST, KAFKA_3, Broker, running_broker
from tests.proxy import Proxy, State, proxy_to

KIND = os.environ["APACHE_KAFKA"]
# A hundred thousand seats are given back once: it is the database that they weigh on. The tools are those of Kafka 3.5.
collect_ignore = ["test_user_deleted.py" if KIND == KAFKA_3 else "test_tools.py"]


@dataclass(frozen=True)
class Breakable:
    """The broker, and the proxy that its clients are sent to."""

    broker: Broker
    proxy: Proxy


@pytest.fixture(scope="module")
def module_broker() -> Iterator[Breakable]:
    port = find_free_port()
    with (
        temporary_data_folder() as folder,
        proxy_to(HOST, port) as proxy,
        running_broker(KIND, folder, port=port, advertised=proxy.address) as broker,
    ):
        yield Breakable(broker, proxy)


@pytest.fixture
def breakable(module_broker: Breakable, settings: Any) -> Iterator[Breakable]:
    """Whole at the beginning of each test."""
    settings.KAFKA_BOOTSTRAP_SERVERS = module_broker.broker.address
    discard_producer()
    yield module_broker
    discard_producer()
    module_broker.proxy.state = State.PASSING
