"""Which part of the outbox a relay may send: a key has one relay at a time, however many shards each relay counts.

A key falls into one of 64 slots, a shard is every OUTBOX_SHARDS-th slot, and its relay holds an advisory lock on each.
So relays that count differently, while a setting is rolled out, never send the same key at once.
"""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from integrations.outbox.one_sender import ask

SLOTS = 64
# "The whole outbox": held alone by the relay that counts one shard, and together by those that count more.
WHOLE = "hashtextextended('meetinity.outbox.kafka', 0)"
SLOT_CLASS = "hashtext('meetinity.outbox.slot')"


@dataclass(frozen=True, slots=True)
class Shard:
    """Number `number` of `count`."""

    number: int
    count: int

    @property
    def condition(self) -> str:
        """SQL to follow the condition for a waiting row; nothing where there is one shard."""
        if self.count == 1:
            return ""
        return f"AND mod(hashtext(key) & {SLOTS - 1}, {self.count:d}) = {self.number:d}"


def take(cursor: CursorWrapper, shard: Shard) -> bool:
    """Become the only relay of the shard until give_back() or the end of the connection; False while another is."""
    if shard.count == 1:
        return ask(cursor, f"SELECT pg_try_advisory_lock({WHOLE})")
    slots = f"SELECT pg_try_advisory_lock({SLOT_CLASS}, slot) AS is_ours FROM generate_series(%s, {SLOTS - 1}, %s) slot"
    cursor.execute(
        f"SELECT pg_try_advisory_lock_shared({WHOLE}) AND (SELECT bool_and(is_ours) FROM ({slots}) slots)",
        [shard.number, shard.count],
    )
    if cursor.fetchone()[0]:
        return True
    give_back(cursor)
    return False


def give_back(cursor: CursorWrapper) -> None:
    """Let another relay have the shard."""
    cursor.execute("SELECT pg_advisory_unlock_all()")
