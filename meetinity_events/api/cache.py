"""Answers as bytes in Redis: found in the request's one trip, made anew by one reader, forgotten when a change commits.

Who finds nothing takes the lease of the key and builds; the others wait for its bytes. Forgetting drops the lease too,
and only the holder of the lease may keep bytes: what was read before a commit is not kept after it. A generation does
the same for keys that nobody can list, such as pages: their bytes name the one they were made in, and are worthless in
the next. Redis away: each process builds for itself, once for all threads that ask meanwhile, and keeps nothing.
"""

import logging
import random
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import itemgetter
from threading import Lock
from types import TracebackType
from typing import Any, Self

from django.db import transaction
from redis import RedisError

from meetinity_events.api.redis_scripts import LOOK_UP, SETTLE, ask
from meetinity_events.observability import metrics

LEASE_SECONDS = 3.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.005, 0.05
JITTER = 0.1
KEYS_AT_ONCE = 1000
LOST_AT_MOST = 50_000
ANOTHER_BUILDS = 0
logger = logging.getLogger("event_service.api")

_flights: dict[str, "Future[bytes | None]"] = {}
_flights_lock = Lock()
_lost: set[tuple[str, bool]] = set()
"""What this process could not forget, keys and (True) generations, up to LOST_AT_MOST: done when Redis is back."""


@dataclass(slots=True, eq=False)
class Aside:
    """A small value that `build` needs or makes, of the same generation, for less than the price of another trip.

    `value` is what was found before `build` is called, and what it leaves is kept beside the bytes; b"" for nothing.
    """

    key: str
    timeout_seconds: float
    value: bytes = b""
    is_new: bool = False

    def put(self, value: bytes) -> None:
        """Keep this."""
        self.value, self.is_new = value, True


@dataclass(frozen=True, slots=True)
class Entry:
    """Bytes under `key`, the same for everybody who may ask for it.

    `build` makes them, by queries that begin after it was called; None means that there is nothing to keep.
    `generation` is the key of a mark whose change makes the bytes worthless; empty where forgetting `key` will do.
    """

    key: str
    timeout_seconds: float
    build: Callable[[], bytes | None]
    generation: str = ""
    aside: Aside | None = None

    @property
    def keys(self) -> tuple[str, str, str, str]:
        """As the scripts want them."""
        return self.key, self.generation, lease_of(self.key), self.aside.key if self.aside else ""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the caller has to pass in the same trip: a set of users, and a counter ('' for none) with its limit."""

    user: str = ""
    removed_users: str = ""
    counter: str = ""
    limit: int = 0
    window_seconds: int = 0


class LookUp:
    """One trip to Redis: what it says of the caller, then the bytes of each entry.

    `used` is the counter, None where Redis is away. A context: a lease that was not used is given back at its end.
    """

    def __init__(self, entries: Sequence[Entry], gate: Gate | None = None) -> None:
        gate = gate or Gate()
        self.lease = secrets.token_hex(8)
        self.found: dict[Entry, Any] = {}
        self.is_removed, self.used = False, None
        keys = chain.from_iterable(entry.keys for entry in entries)
        facts = (gate.user, gate.limit, gate.window_seconds, self.lease, int(LEASE_SECONDS * 1000))
        try:
            is_removed, self.used, *found = LOOK_UP([gate.removed_users, gate.counter, *keys], facts)
        except RedisError:
            return
        self.is_removed = bool(is_removed)
        self.found = dict(zip(entries, found, strict=False))  # a caller who is refused finds nothing
        if _lost:  # what was found may be older than a change of ours
            self.give_back()
            forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Leave the leases that were not used to others, and know nothing any more."""
        for entry, found in self.found.items():
            if isinstance(found, list):
                self.settle(entry, found[0], None)
        self.found = {}

    def get(self, entry: Entry) -> bytes | None:
        """The bytes: found, built, or built by another who was faster. Raises what `build` raises."""
        found = self.found.pop(entry, None)
        if isinstance(found, bytes):
            return found
        if isinstance(found, list):
            return self.build(entry, *found)
        return wait_for(entry) if found == ANOTHER_BUILDS else build_once(entry)

    def build(self, entry: Entry, generation: bytes, aside: bytes) -> bytes | None:
        """Make the bytes and keep them, unless they were forgotten meanwhile."""
        made = None
        if entry.aside is not None:
            entry.aside.value = aside
        try:
            made = entry.build()
        finally:
            self.settle(entry, generation, made)
        return made

    def settle(self, entry: Entry, generation: bytes, made: bytes | None) -> None:
        """Give the lease back, and with it the bytes and what was put aside."""
        facts = [self.lease, generation, 0 if made is None else vary(entry.timeout_seconds), made or b""]
        key, mark, lease, aside = entry.keys
        if entry.aside is not None and entry.aside.is_new:
            facts += [vary(entry.aside.timeout_seconds), entry.aside.value]
        else:
            aside = ""
        try:
            is_kept = SETTLE([key, mark, lease, aside], facts)
        except RedisError:
            return
        if made is not None:
            metrics.CACHE_BUILDS.labels("kept" if is_kept else "outdated").inc()


def vary(seconds: float) -> int:
    """Milliseconds, up to a tenth less, so that keys which were made together do not end together."""
    return int(seconds * 1000 * random.uniform(1 - JITTER, 1))  # noqa: S311


def lease_of(key: str) -> str:
    """The key of a key's lease."""
    return f"{key}:lease"


def wait_for(entry: Entry) -> bytes | None:
    """The bytes that another is building; ours, when it gives up or takes longer than its lease."""
    deadline, pause = time.monotonic() + LEASE_SECONDS, FIRST_PAUSE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        with LookUp([entry]) as again:
            if again.found.get(entry) != ANOTHER_BUILDS:
                return again.get(entry)
    return build_once(entry)


def build_once(entry: Entry) -> bytes | None:
    """Bytes that are not kept, made by one thread of this process for all that ask meanwhile."""
    with _flights_lock:
        running = _flights.get(entry.key)
        flight = _flights.setdefault(entry.key, Future())
    if running is not None:
        return running.result()
    try:
        flight.set_result(entry.build())
    except BaseException as error:
        flight.set_exception(error)
        raise
    finally:
        with _flights_lock:
            del _flights[entry.key]
        metrics.CACHE_BUILDS.labels("alone").inc()
    return flight.result()


def forget_on_commit(*keys: str, generations: Sequence[str] = ()) -> None:
    """Once the transaction has committed, drop these keys, and begin new generations; nothing when it rolls back."""
    transaction.on_commit(partial(forget, *keys, generations=generations), robust=True)


def forget(*keys: str, generations: Sequence[str] = ()) -> None:
    """Drop keys with their leases now, and what an earlier call could not.

    Where Redis is away that is said, counted, and done by this process as soon as it reaches Redis again.
    """
    wanted = {*((key, False) for key in keys), *((generation, True) for generation in generations), *_lost}
    names = [name for key, is_generation in wanted if not is_generation for name in (key, lease_of(key))]
    try:
        for start in range(0, len(names), KEYS_AT_ONCE):
            ask("UNLINK", *names[start : start + KEYS_AT_ONCE])
        for generation, _ in filter(itemgetter(1), wanted):
            ask("SET", generation, secrets.token_hex(8))
    except RedisError:
        _lost.update(wanted if len(_lost) < LOST_AT_MOST else ())
        metrics.CACHE_FORGETS_LOST.inc()
        logger.warning("changes not forgotten in the cache", extra={"keys": len(wanted)})
    else:
        _lost.difference_update(wanted)
