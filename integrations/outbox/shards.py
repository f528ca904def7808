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
SLOT_CLASS = "meetinity.outbox.slot"
# In ascending order and no further than the first that another relay has: of two that want the same slots at once, the
# one that is first at the first of them gets all. Were each to try all, they would take them from each other.
TAKE_SLOTS_SQL = f"""
    WITH RECURSIVE taken (slot, is_ours) AS (
        SELECT %(first)s, pg_try_advisory_lock(hashtext(%(slot_class)s), %(first)s)
        UNION ALL
        SELECT slot + %(count)s, pg_try_advisory_lock(hashtext(%(slot_class)s), slot + %(count)s)
        FROM taken WHERE is_ours AND slot + %(count)s < {SLOTS}
    )
    SELECT bool_and(is_ours) FROM taken
"""


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
    cursor.execute(
        f"SELECT pg_try_advisory_lock_shared({WHOLE}) AND ({TAKE_SLOTS_SQL})",
        {"first": shard.number, "count": shard.count, "slot_class": SLOT_CLASS},
    )
    if cursor.fetchone()[0]:
        return True
    give_back(cursor)
    return False


def give_back(cursor: CursorWrapper) -> None:
    """Let another relay have the shard."""
    cursor.execute("SELECT pg_advisory_unlock_all()")
