"""People beside their ids: what user-service tells of them, and how much of it whom is shown."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from rest_framework import serializers

from integrations.users.answers import UserCard
from integrations.users.directory import find_cards


class ProfileBody(serializers.Serializer[Any]):
    """Somebody by name and picture, for everybody; by the id alone when nobody can name them now."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    avatar_url = serializers.CharField(allow_null=True)


class FullProfileBody(ProfileBody):
    """The same for the organiser, an admin and the platform's other services."""

    location = serializers.CharField(allow_null=True)
    industry = serializers.CharField(allow_null=True)
    interests = serializers.ListField(child=serializers.CharField())


class SeenProfileBody(ProfileBody):
    """Either of the two."""

    location = serializers.CharField(
        allow_null=True, required=False, help_text="For the organiser, an admin or a service only"
    )
    industry = serializers.CharField(
        allow_null=True, required=False, help_text="For the organiser, an admin or a service only"
    )
    interests = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="For the organiser, an admin or a service only"
    )


def find_profiles(user_ids: Iterable[UUID], *, token: str, in_full: bool) -> dict[UUID, dict[str, Any]]:
    """A profile for each of these users. No query; costs what `find_cards` does."""
    distinct = list(dict.fromkeys(user_ids))
    cards = find_cards(distinct, token=token)
    write = write_in_full if in_full else write_shortly
    return {user_id: write(cards.get(user_id) or UserCard(user_id, "")) for user_id in distinct}


def write_shortly(card: UserCard) -> dict[str, Any]:
    """As in ProfileBody."""
    return {"id": card.user_id, "name": card.name or None, "avatar_url": card.avatar_url or None}


def write_in_full(card: UserCard) -> dict[str, Any]:
    """As in FullProfileBody."""
    return {
        **write_shortly(card),
        "location": card.location or None,
        "industry": card.industry or None,
        "interests": list(card.interests),
    }
