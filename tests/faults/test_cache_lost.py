"""Reads while the cache is flushed, silent or gone: the same answers, and one rebuild a key instead of a stampede."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from django_redis import get_redis_connection

from meetinity_events.api.redis_scripts import SILENCE_SECONDS
from tests.factories import Caller, make_event
from tests.live import LiveService, live_service
from tests.proxy import Proxy, State, proxy_to

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 12
PATIENT = "1"
"""Seconds that the service waits for its cache, for a test on a busy machine."""
BUILDS = re.compile(r'^cache_builds_total{outcome="(\w+)"} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Outside:
    """Two workers whose metrics add up, and the way to their cache."""

    service: LiveService
    redis: Proxy

    def builds(self) -> Counter[str]:
        """How often somebody made bytes, by what became of them."""
        metrics = self.service.http.request("GET", f"http://127.0.0.1:{self.service.port}/metrics").data.decode()
        return Counter({name: int(float(count)) for name, count in BUILDS.findall(metrics)})


@pytest.fixture(scope="module")
def outside(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """One for the tests of this file."""
    at = urlsplit(os.environ["REDIS_URL"])
    folder: Path = tmp_path_factory.mktemp("metrics")
    with ExitStack() as stack:
        proxy = stack.enter_context(proxy_to(at.hostname or "", at.port or 0))
        variables = {"REDIS_URL": f"redis://{proxy.address}{at.path}", "REDIS_TIMEOUT_SECONDS": PATIENT}
        service = stack.enter_context(live_service(PROMETHEUS_MULTIPROC_DIR=str(folder), **variables))
        yield Outside(service, proxy)


def read(outside: Outside, caller: Caller, path: str) -> tuple[int, bytes]:
    answer = outside.service.call(caller, "GET", path)
    return answer.status, answer.data


@pytest.mark.parametrize("path", ["/events/{id}", "/events/popular"])
def test_a_flush_under_load_costs_one_rebuild_a_key(path: str, outside: Outside, alice: Caller, crowd: Any) -> None:
    event, readers = make_event(alice), crowd(READERS)
    path, is_over = path.format(id=event.id), Event()
    [expected] = {read(outside, reader, path) for reader in readers}
    before = outside.builds()

    def read_on(reader: Caller) -> set[tuple[int, bytes]]:
        answers = set()
        while not is_over.is_set():
            answers.add(read(outside, reader, path))
        answers.add(read(outside, reader, path))
        return answers

    with ThreadPoolExecutor(READERS) as pool:
        answers = [pool.submit(read_on, reader) for reader in readers]
        get_redis_connection("default").flushdb()
        is_over.set()

    assert [future.result() for future in answers] == [{expected}] * READERS
    # The path, and each reader's own events.
    assert outside.builds() - before == {"kept": 1 + READERS}


@pytest.mark.parametrize("state", [State.CUT, State.SILENT])
def test_without_its_cache_the_service_gives_the_same_answers(
    state: State, outside: Outside, alice: Caller, bob: Caller
) -> None:
    event = make_event(alice)
    outside.service.call(bob, "POST", f"/events/{event.id}/register")
    lists = ("/events", "/events?category=Networking", "/events/search?q=meetup", "/events/popular")
    paths = (*lists, f"/events/{event.id}", "/events/categories")
    expected = [read(outside, bob, path) for path in paths]

    outside.redis.state = state
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(read, repeat(outside), repeat(bob), paths * 2))
    finally:
        outside.redis.state = State.PASSING
        time.sleep(SILENCE_SECONDS)  # so long nobody asks it again, and the next test counts who does

    assert [status for status, _ in answers] == [200] * 12
    assert answers == expected * 2
    assert [read(outside, bob, path) for path in paths] == expected
