"""Fifty calls at once get exactly what the limit allows; counting by reading and then writing would let all through."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from limits.storage import RedisStorage

from events.models import Event
from meetinity_events.api import throttling
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
    [key] = throttling.storage().storage.keys("LIMITS:create:*")  # type: ignore[attr-defined]
    assert throttling.storage().get(key.decode().removeprefix("LIMITS:")) == THREADS


class ReadThenWrite(RedisStorage):
    """Counts as a throttle on a plain cache does. The gate holds every thread between its read and its write."""

    STORAGE_SCHEME = None  # type: ignore[assignment]
    gate = Barrier(THREADS)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        used = self.get(key) + amount
        self.gate.wait()
        self.storage.set(self.prefixed_key(key), used, ex=expiry)
        return used


def count_accepted() -> int:
    allowances = at_once(lambda: spend("create", "alice"))
    return sum(allowance.used <= allowance.limit for allowance in allowances)


def test_the_count_is_one_step_and_not_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_accepted() == 10

    racy = ReadThenWrite(django_settings.REDIS_URL, **django_settings.REDIS_CLIENT_OPTIONS)
    racy.storage.flushdb()
    monkeypatch.setattr(throttling, "storage", lambda: racy)
    assert count_accepted() == THREADS
