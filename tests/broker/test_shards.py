"""Relays that share the outbox: each its part of the keys, none of them the same key at once, whoever counts how."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from integrations.models import OutboxMessage
from integrations.outbox import relay, shards
from integrations.outbox.one_sender import own_connection
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from integrations.outbox.shards import Shard
from tests.broker.two_relays import run_two_relays
from tests.broker.wire import numbers_by_key, read_topic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

KEYS = [f"key {number}" for number in range(12)]


@pytest.fixture(autouse=True)
def _two_of_each_key(event_topic: str) -> None:
    with transaction.atomic():
        for number in range(24):
            record(message_type="test.happened", key=KEYS[number % 12], payload={"number": number})


@contextmanager
def another_relay(shard: Shard) -> Iterator[CursorWrapper]:
    """It has its shard, and is slow."""
    with own_connection() as cursor:
        assert shards.take(cursor, shard)
        yield cursor
        shards.give_back(cursor)  # the server takes a moment to notice that a connection has ended


def waiting_keys() -> set[str]:
    return set(OutboxMessage.objects.filter(published_at=None).values_list("key", flat=True))


def keys_of(shard: Shard) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key {relay.WAITING} {shard.condition}")
        return {key for (key,) in cursor.fetchall()}


def test_a_relay_sends_what_no_other_relay_has(settings: Any) -> None:
    settings.OUTBOX_SHARDS = 2
    theirs, ours = keys_of(Shard(0, 2)), keys_of(Shard(1, 2))
    assert (len(theirs) > 2, len(ours) > 2, theirs | ours, theirs & ours) == (True, True, set(KEYS), set())

    with another_relay(Shard(0, 2)):
        assert relay_outbox() == 2 * len(ours)
        assert waiting_keys() == theirs

    assert relay_outbox() == 2 * len(theirs)


@pytest.mark.parametrize(("held", "count"), [(Shard(0, 1), 2), (Shard(1, 2), 1), (Shard(1, 2), 3)])
def test_a_relay_that_counts_differently_waits(settings: Any, held: Shard, count: int) -> None:
    """Each shard of three has slots of both shards of two."""
    settings.OUTBOX_SHARDS = count
    with another_relay(held):
        assert relay_outbox() == 0
    assert relay_outbox() == 24


def test_without_slots_it_would_send_keys_of_the_other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOX_SHARDS = 3
    with another_relay(Shard(1, 2)):
        monkeypatch.setattr(shards, "SLOT_CLASS", "three")
        assert relay_outbox() == 24


@pytest.mark.parametrize("other", [Shard(1, 2), Shard(0, 3)])
def test_one_of_two_that_want_the_same_slots_at_once_gets_them(other: Shard) -> None:
    """Shard(0, 3) has every third slot of Shard(1, 2); neither may hold up the other and go without."""
    rounds, both = 100, Barrier(2, timeout=60)

    def take_turns(shard: Shard) -> list[bool]:
        taken = []
        with own_connection() as cursor:
            for _ in range(rounds):
                both.wait()
                taken.append(shards.take(cursor, shard))
                both.wait()
                shards.give_back(cursor)
        return taken

    with ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(take_turns, (Shard(1, 2), other))

    assert [sum(winners) for winners in zip(ours, theirs, strict=True)] == [1] * rounds


def test_several_relays_keep_the_order_of_each_key(event_topic: str, settings: Any) -> None:
    settings.OUTBOX_SHARDS, settings.OUTBOX_BATCH_SIZE = 2, 3

    run_two_relays()

    messages = read_topic(event_topic, 24)
    assert len(messages) == 24
    assert numbers_by_key(messages) == {key: [number, number + 12] for number, key in enumerate(KEYS)}


def test_the_relays_of_two_shards_take_turns_to_draw_positions() -> None:
    """So whoever reads the feed of changes up to a position misses none before it."""
    rows = list(OutboxMessage.objects.all())
    with own_connection() as theirs, own_connection() as ours:
        ours.execute("SET lock_timeout = '50ms'")
        theirs.execute("BEGIN")
        theirs.execute(relay.MARK_SQL, [[rows[0].pk]])
        with pytest.raises(OperationalError, match="lock timeout"):
            ours.execute(relay.MARK_SQL, [[rows[1].pk]])
        theirs.execute("COMMIT")
        ours.execute(relay.MARK_SQL, [[rows[1].pk]])


def test_the_server_soon_notices_that_the_machine_of_a_relay_is_gone() -> None:
    with own_connection() as cursor:
        cursor.execute("SELECT current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_count')")
        assert cursor.fetchone() == ("10", "3")
