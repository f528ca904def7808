"""What user-service has said of users, kept in Redis for the time when it is away; Redis away means nothing is kept.

The keys begin with the name of this service: the platform's own `user:{user_id}:events` and user-service's caches may
lie in the same database.
"""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from integrations.users.answers import UserCard, UserCheck, make_card, read_check
from integrations.users.transport import UserServiceFailedError
from meetinity_events.api.redis_scripts import ask

CARD_FRESH_SECONDS = 300
CARD_KEPT_SECONDS = 24 * 3600
CHECK_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class KeptCard:
    """`card` is None for a user that did not exist; one that is not fresh is for want of a better one."""

    card: UserCard | None
    is_fresh: bool


def card_key(user_id: UUID) -> str:
    """Where a profile is."""
    return f"{settings.SERVICE_NAME}:user-card:{user_id}"


def check_key(user_id: UUID) -> str:
    """Where the last answer about an account is."""
    return f"{settings.SERVICE_NAME}:user-check:{user_id}"


def keep_cards(cards: Mapping[UUID, UserCard | None]) -> None:
    """Keep them for a day. One round trip."""
    now = time.time()
    values = {card_key(user_id): {"at": now, "user": write_card(card)} for user_id, card in cards.items()}
    if values:
        cache.set_many(values, CARD_KEPT_SECONDS)


def recall_cards(user_ids: Collection[UUID]) -> dict[UUID, KeptCard]:
    """Those that are there. One round trip."""
    kept: Mapping[str, Any] = cache.get_many([card_key(user_id) for user_id in user_ids]) if user_ids else {}
    found = ((user_id, kept.get(card_key(user_id))) for user_id in user_ids)
    return {user_id: read_kept(value) for user_id, value in found if value is not None}


def read_kept(value: Mapping[str, Any]) -> KeptCard:
    """Read again like an answer, since another release may have written it."""
    return KeptCard(make_card(value["user"]), time.time() - value["at"] < CARD_FRESH_SECONDS)


def write_card(card: UserCard | None) -> dict[str, Any] | None:
    """In user-service's own shape."""
    return None if card is None else {**asdict(card), "id": str(card.user_id), "interests": list(card.interests)}


def keep_check(user_id: UUID, check: UserCheck) -> None:
    """Keep it for an hour. One round trip."""
    with suppress(RedisError):
        ask("SET", check_key(user_id), orjson.dumps(asdict(check)), "EX", CHECK_KEPT_SECONDS)


def recall_check(user_id: UUID) -> UserCheck | None:
    """What user-service said within the last hour. One round trip."""
    try:
        value = ask("GET", check_key(user_id))
        return None if value is None else read_check(orjson.loads(value))
    except (RedisError, orjson.JSONDecodeError, UserServiceFailedError):
        return None


def forget_users(user_ids: Collection[UUID]) -> None:
    """Nothing is kept of the users any more. Two round trips; a repeat changes nothing."""
    if user_ids:
        cache.delete_many(map(card_key, user_ids))
        with suppress(RedisError):
            ask("UNLINK", *map(check_key, user_ids))


def forget_user(user_id: UUID) -> None:
    """The same for one."""
    forget_users([user_id])
