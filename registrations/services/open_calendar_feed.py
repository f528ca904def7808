"""Give a user's calendar an address."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connection, transaction

from integrations.gateway.idempotency import ReplayKey, claim
from integrations.users.errors import UserRemoved
from integrations.users.profiles import NOT_REMOVED_SQL

# DO UPDATE, because DO NOTHING would not return the row that is there; xmax is 0 for a row that was just inserted.
OPEN_SQL = f"""
INSERT INTO calendar_feeds (user_id, serial, created_at) SELECT %(user_id)s, %(serial)s, now() WHERE {NOT_REMOVED_SQL}
ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id
RETURNING serial, xmax = 0
"""


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """What makes the address, and whether it was made by this call."""

    serial: UUID
    is_new: bool


def open_calendar_feed(*, user_id: UUID, replay: ReplayKey | None = None) -> OpenFeed:
    """The user's feed, made now if there is none; a repeat returns the same.

    Raises UserRemoved, and RequestInProgress where `replay` is given and its twin runs. Owns one transaction; the
    tombstone is checked in the statement that writes.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(OPEN_SQL, {"user_id": user_id, "serial": uuid4()})
            row = cursor.fetchone()
        if row is None:
            raise UserRemoved
        feed = OpenFeed(*row)
        claim(replay, status=201 if feed.is_new else 200, resource_id=user_id)
    return feed
