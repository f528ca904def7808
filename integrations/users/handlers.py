"""What a message about a user does here. The removal of a user reaches registrations and is handled there."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.db import transaction
from django.utils.timezone import now

from integrations.kafka.envelope import parse_time
from integrations.kafka.routing import handled_together_by
from integrations.users.kept import forget_users
from integrations.users.profiles import ProfileUpdate, update_profiles
from meetinity_events.api.principal import parse_subject


def users_updated(payloads: Sequence[Mapping[str, object]]) -> None:
    """Keep the profiles in this order, and forget what user-service said of these users before.

    Raises ValueError for an id, a time or a field of the wrong kind, before anything is stored.
    """
    updates = [read_update(payload) for payload in payloads]
    update_profiles(updates)
    transaction.on_commit(partial(forget_users, [update.user_id for update in updates]), robust=True)


@handled_together_by(users_updated)
def user_updated(payload: Mapping[str, object]) -> None:
    """Keep the profile, and forget what user-service said before. A repeat changes nothing. Raises ValueError."""
    users_updated([payload])


def read_update(payload: Mapping[str, object]) -> ProfileUpdate:
    """What the message says. A field that it does not name stays as it is, null empties it.

    A time ahead of our clock counts as now: it would refuse every later message.
    """
    return ProfileUpdate(
        user_id=parse_subject(payload.get("user_id")).id,
        location=read_text(payload, "location"),
        industry=read_text(payload, "industry"),
        interests=read_words(payload, "interests"),
        at=min(parse_time(payload.get("timestamp")), now()),
    )


def read_text(payload: Mapping[str, object], name: str) -> str | None:
    """A text field: None when absent, empty when null. Raises ValueError for another kind."""
    if name not in payload:
        return None
    value = payload[name] if payload[name] is not None else ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    return value


def read_words(payload: Mapping[str, object], name: str) -> list[str] | None:
    """A list of texts: None when absent, empty when null. Raises ValueError for another kind."""
    if name not in payload:
        return None
    value = payload[name] if payload[name] is not None else []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"{name} is not a list of texts")
    return value
