"""The bytes in Redis: one builds, the others wait, and nothing older than a commit is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from django.db import transaction
from django_redis import get_redis_connection
from prometheus_client import REGISTRY

from meetinity_events.api import cache, redis_scripts
from meetinity_events.api.cache import Aside, Entry, Gate, LookUp, build_once, forget, forget_on_commit
from meetinity_events.api.redis_scripts import ask
from meetinity_events.embedded.ports import find_free_port
from tests.api.redis_elsewhere import use_redis

THREADS = 12


class Source:
    """What is cached: `value` as it is now; counts how often somebody reads it."""

    def __init__(self, value: bytes = b"old") -> None:
        self.value: bytes | None = value
        self.reads = 0
        self.lock = Lock()
        self.before_return: Callable[[], object] = lambda: None

    def build(self) -> bytes | None:
        with self.lock:
            self.reads += 1
        value = self.value
        self.before_return()
        return value

    def entry(self, **more: Any) -> Entry:
        return Entry("test:key", 60, self.build, **more)


def read(entry: Entry) -> bytes | None:
    """As a request does."""
    with LookUp([entry]) as found:
        return found.get(entry)


def at_once(call: Callable[[], Any]) -> list[Any]:
    """The results of a call from many threads that start together."""
    barrier = Barrier(THREADS)

    def wait_and_call() -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(wait_and_call) for _ in range(THREADS)]]


def test_what_was_built_is_found_again() -> None:
    source = Source()

    assert [read(source.entry()) for _ in range(3)] == [b"old"] * 3
    assert source.reads == 1
    assert 53 <= get_redis_connection("default").ttl("test:key") <= 60


def test_nothing_is_kept_of_what_is_not_for_everybody() -> None:
    source = Source()
    source.value = None

    assert [read(source.entry()) for _ in range(2)] == [None, None]
    assert (source.reads, get_redis_connection("default").keys("test:*")) == (2, [])


def test_one_builds_for_all_who_ask_at_once() -> None:
    source = Source()

    assert at_once(lambda: read(source.entry())) == [b"old"] * THREADS
    assert source.reads == 1


def test_without_the_lease_everybody_would_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    source = Source()
    meeting = Barrier(2)
    source.before_return = lambda: meeting.wait(5)
    monkeypatch.setattr(cache, "wait_for", lambda entry: entry.build())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: read(source.entry()), range(2)))

    assert source.reads == 2


def test_a_failed_build_gives_the_lease_to_the_next() -> None:
    source = Source()

    def fail() -> None:
        source.before_return = lambda: None
        raise ValueError("away")

    source.before_return = fail
    with pytest.raises(ValueError, match="away"):
        read(source.entry())

    assert read(source.entry()) == b"old"
    assert source.reads == 2


def test_a_lease_that_was_not_used_is_given_back() -> None:
    source = Source()

    with LookUp([source.entry()]):
        pass

    assert get_redis_connection("default").keys("test:*") == []


def test_a_builder_that_died_is_replaced_when_its_lease_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    monkeypatch.setattr(cache, "LEASE_SECONDS", 0.1)
    LookUp([source.entry()])  # takes the lease and is never heard of again

    assert read(source.entry()) == b"old"
    assert source.reads == 1


@pytest.mark.parametrize("generation", ["", "test:generation"])
def test_what_was_read_before_a_commit_is_not_kept_after_it(generation: str) -> None:
    source = Source()
    keys, generations = ((), (generation,)) if generation else (("test:key",), ())

    def change() -> None:
        source.value, source.before_return = b"new", lambda: None
        forget(*keys, generations=generations)

    source.before_return = change

    assert read(source.entry(generation=generation)) == b"old"  # asked before the change
    assert read(source.entry(generation=generation)) == b"new"
    assert source.reads == 2


def test_without_the_lease_the_old_bytes_would_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: a forgetting that leaves the lease alone."""
    source = Source()

    def change() -> None:
        source.value = b"new"
        get_redis_connection("default").unlink("test:key")

    source.before_return = change

    assert [read(source.entry()) for _ in range(2)] == [b"old", b"old"]


def test_a_new_generation_makes_bytes_worthless_that_nobody_named() -> None:
    source = Source()
    entry = source.entry(generation="test:generation")
    read(entry)
    source.value = b"new"

    assert read(entry) == b"old"
    forget(generations=("test:generation",))
    assert read(entry) == b"new"


def test_what_is_put_aside_serves_the_next_build_of_the_same_generation() -> None:
    seen: list[bytes] = []

    def entry_of(key: str) -> Entry:
        aside = Aside("test:total", 60)

        def build() -> bytes:
            seen.append(aside.value)
            aside.put(b"42")
            return b"page"

        return Entry(key, 60, build, "test:generation", aside)

    read(entry_of("test:one"))
    read(entry_of("test:two"))
    forget(generations=("test:generation",))
    read(entry_of("test:one"))

    assert seen == [b"", b"42", b""]
    assert 53 <= get_redis_connection("default").ttl("test:total") <= 60


@pytest.mark.django_db(transaction=True)
def test_a_change_is_forgotten_when_it_commits_and_never_when_it_rolls_back() -> None:
    source = Source()
    read(source.entry())
    source.value = b"new"

    with transaction.atomic():
        forget_on_commit("test:key")
        transaction.set_rollback(True)
    assert read(source.entry()) == b"old"

    with transaction.atomic():
        forget_on_commit("test:key")
        assert read(source.entry()) == b"old"
    assert read(source.entry()) == b"new"


def test_a_refused_caller_takes_no_lease() -> None:
    source, connection = Source(), get_redis_connection("default")
    connection.sadd("test:removed", "bob")

    removed = LookUp([source.entry()], Gate("bob", "test:removed", "test:count", 5, 60))
    limited = [LookUp([source.entry()], Gate("alice", "test:removed", "test:count", 1, 60)) for _ in range(2)]

    assert (removed.is_removed, removed.used, removed.found) == (True, 0, {})
    assert [(found.is_removed, found.used, len(found.found)) for found in limited] == [(False, 1, 1), (False, 2, 0)]
    assert 0 < connection.ttl("test:count") <= 60


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_one_thread_builds_for_all_that_ask_meanwhile() -> None:
    source, all_asked = Source(), Event()
    source.before_return = lambda: all_asked.wait(5)
    entry = source.entry()

    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(read, entry)
        while source.reads == 0:
            pass
        others = [pool.submit(build_once, entry) for _ in range(THREADS - 1)]
        all_asked.set()
        answers = [future.result() for future in [first, *others]]

    assert answers == [b"old"] * THREADS
    assert source.reads <= 2  # a thread that was late begins anew


@pytest.mark.parametrize("keys", [("test:key",), ()])
def test_what_could_not_be_forgotten_is_forgotten_when_redis_is_back(
    keys: tuple[str, ...], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source, here = Source(), settings.REDIS_URL
    entry = source.entry(generation="test:generation")
    read(entry)
    source.value = b"new"
    before = REGISTRY.get_sample_value("cache_forgets_lost_total") or 0.0

    use_redis(settings, f"redis://127.0.0.1:{find_free_port()}/0")
    forget(*keys, generations=() if keys else ("test:generation",))
    use_redis(settings, here)

    assert REGISTRY.get_sample_value("cache_forgets_lost_total") == before + 1
    assert [record.message for record in caplog.records] == ["changes not forgotten in the cache"]
    assert [read(entry) for _ in range(3)] == [b"new"] * 3
    assert source.reads == 3  # one that is not kept, one that is


def test_a_server_that_has_forgotten_the_scripts_is_told_them_again() -> None:
    source = Source()
    get_redis_connection("default").script_flush()

    assert read(source.entry()) == b"old"
    assert read(source.entry()) == b"old"
    assert source.reads == 1


def test_a_connection_that_redis_has_closed_is_opened_again_and_nobody_notices() -> None:
    source = Source()
    read(source.entry())

    get_redis_connection("default").client_kill_filter(_id=ask("CLIENT", "ID"))

    with LookUp([source.entry()], Gate("bob", "test:removed", "test:count", 5, 60)) as found:
        assert (found.used, list(found.found.values())) == (1, [b"old"])


def test_each_thread_and_each_process_has_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask("CLIENT", "ID")
    assert ask("CLIENT", "ID") == first
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(ask, "CLIENT", "ID").result() != first

    monkeypatch.setattr(redis_scripts._held, "process", -1)  # as in a child that was forked
    assert ask("CLIENT", "ID") != first
