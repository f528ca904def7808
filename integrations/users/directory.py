"""Who users are: from the cache while it is fresh, else from user-service, else from the cache however old."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from integrations.models import UserProfile
from integrations.users.answers import UserCard
from integrations.users.client import fetch_card, fetch_cards
from integrations.users.kept import keep_cards, recall_cards
from integrations.users.transport import UserServiceUnavailableError
from meetinity_events.api.principal import Principal, Subject, subject_of
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.users")


@dataclass(frozen=True, slots=True)
class Interests:
    """What recommendations go by; all of it may be empty."""

    location: str = ""
    industry: str = ""
    interests: tuple[str, ...] = ()


def find_cards(user_ids: Collection[UUID], *, token: str) -> dict[UUID, UserCard]:
    """The profiles of these users; who does not exist or cannot be asked for now is left out. Raises nothing.

    One round trip to Redis, a second one and a call for every 100 of those who are not in there or not fresh: within
    USER_SERVICE_TIMEOUT_SECONDS in all, so never inside a transaction. A profile may be 5 minutes old, and a day while
    user-service is away.
    """
    kept = recall_cards(user_ids)
    wanted = [subject_of(user_id) for user_id in user_ids if user_id not in kept or not kept[user_id].is_fresh]
    cards = {user_id: one.card for user_id, one in kept.items()} | fetch_and_keep(wanted, token)
    return {user_id: card for user_id, card in cards.items() if card is not None}


def fetch_and_keep(users: list[Subject], token: str) -> dict[UUID, UserCard | None]:
    """As much as user-service says of them in time."""
    fetched: dict[UUID, UserCard | None] = {}
    try:
        for part in fetch_cards(users, token):
            fetched |= part
    except UserServiceUnavailableError as error:
        metrics.USER_SERVICE_CALLS.labels("degraded").inc()
        logger.warning("users not named", extra={"users": len(users) - len(fetched), "error": str(error)})
    keep_cards(fetched)
    return fetched


def find_interests(user: Principal) -> Interests:
    """The local profile, which messages keep up to date; without one, what user-service knows. Raises nothing.

    One query; without a local profile also what `find_cards` costs, so never inside a transaction.
    """
    own = UserProfile.objects.filter(user_id=user.id).first()
    if own is not None:
        return Interests(own.location, own.industry, tuple(own.interests))
    card = find_own_card(user)
    return Interests() if card is None else Interests(card.location, card.industry, card.interests)


def find_own_card(user: Principal) -> UserCard | None:
    """The caller's own profile by `GET /users/{id}/profile`, cached like the others."""
    kept = recall_cards([user.id]).get(user.id)
    if kept is not None and kept.is_fresh:
        return kept.card
    try:
        card = fetch_card(Subject(user.id, user.upstream_id), user.token)
    except UserServiceUnavailableError as error:
        metrics.USER_SERVICE_CALLS.labels("degraded").inc()
        logger.warning("profile not read", extra={"error": str(error)})
        return kept.card if kept is not None else None
    keep_cards({user.id: card})
    return card
