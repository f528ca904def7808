"""The local profile of a user, and the tombstone that outlives it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from integrations.models import UserProfile
from integrations.users.errors import UserRemoved

# For a service that writes everything in one statement: a condition over its parameter `user_id`.
NOT_REMOVED_SQL = "NOT EXISTS (SELECT 1 FROM user_profiles WHERE user_id = %(user_id)s AND removed_at IS NOT NULL)"

UPDATE_PROFILE = """
INSERT INTO user_profiles AS stored (user_id, location, industry, interests, profile_at)
VALUES (
    %(user_id)s, COALESCE(%(location)s, ''), COALESCE(%(industry)s, ''), COALESCE(%(interests)s::text[], '{}'), %(at)s
)
ON CONFLICT (user_id) DO UPDATE SET
    location = COALESCE(%(location)s, stored.location),
    industry = COALESCE(%(industry)s, stored.industry),
    interests = COALESCE(%(interests)s::text[], stored.interests),
    profile_at = %(at)s
WHERE stored.removed_at IS NULL AND stored.profile_at <= %(at)s
"""

REMOVE_USER = """
INSERT INTO user_profiles AS stored (user_id, profile_at, removed_at) VALUES (%(user_id)s, %(at)s, now())
ON CONFLICT (user_id) DO UPDATE SET
    location = '', industry = '', interests = '{}', removed_at = now(), profile_at = %(at)s
WHERE stored.removed_at IS NULL
"""


class ProfileUpdate(NamedTuple):
    """What is known of a user since `at`; None leaves a field as it is."""

    user_id: UUID
    location: str | None
    industry: str | None
    interests: list[str] | None
    at: datetime


def update_profile(
    *, user_id: UUID, location: str | None, industry: str | None, interests: Sequence[str] | None, at: datetime
) -> bool:
    """Store what is known since `at`; None leaves a field as it is. One statement, no transaction of its own.

    False, and nothing changed, when something newer is stored or the user was removed. A repeat changes nothing.
    """
    words = None if interests is None else list(interests)
    with connection.cursor() as cursor:
        cursor.execute(UPDATE_PROFILE, ProfileUpdate(user_id, location, industry, words, at)._asdict())
        return bool(cursor.rowcount)


def update_profiles(updates: Sequence[ProfileUpdate]) -> None:
    """The same for several in their order, sent together; not all or nothing outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE_PROFILE, [update._asdict() for update in updates])


def remember_removed_user(*, user_id: UUID, at: datetime) -> None:
    """Empty the profile and keep the id as removed, for good. A repeat keeps the time at which we first heard of it.

    `at` is the time of the message. One statement, no transaction of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_USER, {"user_id": user_id, "at": at})


def is_removed(user_id: UUID) -> bool:
    """True for a user that user-service has deleted."""
    return UserProfile.objects.filter(user_id=user_id, removed_at__isnull=False).exists()


def require_not_removed(*, user_id: UUID) -> None:
    """Raises UserRemoved for a user that user-service has deleted: a token may outlive its user."""
    if is_removed(user_id):
        raise UserRemoved


def removed_since(moment: datetime) -> list[UUID]:
    """Who was removed at or after `moment`."""
    return list(UserProfile.objects.filter(removed_at__gte=moment).values_list("user_id", flat=True))
