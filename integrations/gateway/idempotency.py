"""Writes that may be sent again are done once: the record of a write is part of the write.

A service claims the key inside its transaction; where everything is one statement, the claim is a piece of it. The same
request again finds the record; one that runs at the same time finds the key locked and is refused.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import now

from integrations.batches import delete_in_batches
from integrations.errors import KeyReused, RequestInProgress
from integrations.models import ReplayedRequest

# Tries to lock the key until the transaction ends, without waiting: false while the same request runs elsewhere.
IS_FREE_SQL = (
    "(%(replay_key)s::text IS NULL OR "
    "pg_try_advisory_xact_lock(hashtextextended(%(replay_user)s::text || %(replay_key)s::text, 1)))"
)
INSERT_SQL = """
    INSERT INTO replayed_requests (user_id, key, fingerprint, status, resource_id, created_at, expires_at)
    SELECT %(replay_user)s::uuid, %(replay_key)s::text, %(replay_fingerprint)s::text, {status}, {resource}, now(),
           now() + %(replay_lifetime)s::interval
    {source}
    ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = excluded.status, resource_id = excluded.resource_id,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE replayed_requests.expires_at <= now()
    RETURNING id
"""
CLAIM_SQL = INSERT_SQL.format(
    status="%(status)s", resource="%(resource_id)s", source=f"WHERE %(replay_key)s::text IS NOT NULL AND {IS_FREE_SQL}"
)


@dataclass(frozen=True, slots=True)
class ReplayKey:
    """What makes two requests of a user the same: `key`; and `fingerprint`, which tells another request under it."""

    user_id: UUID
    key: str
    fingerprint: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What came of a write: its HTTP status, and the thing that it made or changed."""

    status: int
    resource_id: UUID


def find_stored(key: ReplayKey) -> StoredAnswer | None:
    """What came of this request when it was here before. Raises KeyReused when the key stood for another request."""
    row = ReplayedRequest.objects.filter(user_id=key.user_id, key=key.key, expires_at__gt=now()).first()
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused
    return StoredAnswer(row.status, row.resource_id)


def claim(key: ReplayKey | None, *, status: int, resource_id: UUID) -> None:
    """Record what comes of this request, in the caller's transaction. None asks for nothing.

    Raises RequestInProgress when the same request is running, or has just been finished, elsewhere.
    """
    if key is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_SQL, {**claim_params(key), "status": status, "resource_id": resource_id})
        if cursor.fetchone() is None:
            raise RequestInProgress


def claim_sql(*, status: int, resource_sql: str, source: str) -> str:
    """The claim as a piece of a statement with data-modifying CTEs, for the one row of `source`; no row without a key.

    The statement has claim_params() among its parameters and lets IS_FREE_SQL decide whether it does anything. With a
    key and without a row here, its service rolls back and raises RequestInProgress.
    """
    source_sql = f"FROM {source} WHERE %(replay_key)s::text IS NOT NULL"
    return INSERT_SQL.format(status=status, resource=resource_sql, source=source_sql)


def claim_params(key: ReplayKey | None) -> dict[str, Any]:
    """The parameters that the pieces name."""
    return {
        "replay_user": key.user_id if key else None,
        "replay_key": key.key if key else None,
        "replay_fingerprint": key.fingerprint if key else None,
        "replay_lifetime": key.lifetime if key else None,
    }


def purge_expired() -> int:
    """Delete the records that no repeat can find any more, in batches; returns how many."""
    return delete_in_batches(ReplayedRequest.objects.filter(expires_at__lte=now()))
