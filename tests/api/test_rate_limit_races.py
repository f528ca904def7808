"""Fifty calls at once get exactly what the limit allows; counting by reading and then writing would let all through."""

from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django_redis import get_redis_connection

from events.models import Event
from meetinity_events.api import redis_scripts, throttling
from meetinity_events.api.cache import Entry, Gate
from meetinity_events.api.throttling import spend
from tests.factories import Caller, event_fields

THREADS = 50


def at_once(act: Callable[[], Any]) -> list[Any]:
    """What `act` returned in each of the threads that started it together."""
    results: list[Any] = []
    gate = Barrier(THREADS)

    def run() -> None:
        gate.wait()
        try:
            results.append(act())
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_exactly_the_limit_is_accepted_of_fifty_calls_at_once(alice: Caller) -> None:
    responses = at_once(lambda: alice.post("/events", event_fields()))

    assert Counter(response.status_code for response in responses) == {201: 10, 429: 40}
    assert Event.objects.count() == 10
    accepted = [response["RateLimit-Remaining"] for response in responses if response.status_code == 201]
    assert sorted(accepted, key=int) == [str(left) for left in range(10)]
    redis = get_redis_connection("default")
    [key] = redis.keys("limit:create:*")
    assert int(redis.get(key)) == THREADS


class ReadThenWrite:
    """Counts as a throttle on a plain cache does. The barrier holds every thread between its read and its write."""

    barrier = Barrier(THREADS)

    def __init__(self, entries: Sequence[Entry], gate: Gate) -> None:
        redis = get_redis_connection("default")
        self.used = int(redis.get(gate.counter) or 0) + 1
        self.barrier.wait()
        redis.set(gate.counter, self.used, ex=gate.window_seconds)


def count_accepted() -> int:
    allowances = at_once(lambda: spend("create", "alice"))
    return sum(allowance.used <= allowance.limit for allowance in allowances)


def test_the_count_is_one_step_and_not_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_accepted() == 10

    get_redis_connection("default").flushdb()
    monkeypatch.setattr(throttling, "LookUp", ReadThenWrite)
    assert count_accepted() == THREADS


def test_threads_may_come_and_go() -> None:
    """Each has a connection to Redis of its own, of which one pool would hand out a hundred."""
    for _ in range(3):
        assert all(at_once(lambda: spend("browse", "alice")))


def test_a_thread_closes_its_connection_when_it_ends() -> None:
    connections_of_threads = at_once(lambda: spend("browse", "alice") and redis_scripts.own_connection())

    assert [connection.is_connected for connection in connections_of_threads] == [False] * THREADS
