"""The ids of removed users as a Redis set, so that reads refuse a token that outlived its user without a query.

Writes do not rely on it: they check the tombstone in PostgreSQL. Redis away means that reads let such a token pass.
"""

import logging
from collections.abc import Iterable
from uuid import UUID

from django_redis import get_redis_connection
from redis import RedisError

from meetinity_events.api.redis_scripts import ask

KEY = "users:removed"
logger = logging.getLogger("event_service.api")


def remember_removed(user_ids: Iterable[UUID]) -> None:
    """Add ids to the set; a repeat changes nothing."""
    members = [str(user_id) for user_id in user_ids]
    try:
        if members:
            get_redis_connection("default").sadd(KEY, *members)
    except RedisError:
        logger.warning("removed users not remembered in the cache", extra={"users": len(members)})


def is_removed(user_id: UUID) -> bool:
    """True when the set holds the id; False also when Redis is away."""
    try:
        return bool(ask("SISMEMBER", KEY, str(user_id)))
    except RedisError:
        return False
