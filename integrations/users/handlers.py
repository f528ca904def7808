"""What a message about a user does here. The removal of a user reaches registrations and is handled there."""

from collections.abc import Mapping

from django.utils.timezone import now

from integrations.kafka.envelope import parse_time
from integrations.kafka.routing import shares_transaction
from integrations.users.kept import forget_user
from integrations.users.profiles import update_profile
from meetinity_events.api.principal import parse_subject


@shares_transaction
def user_updated(payload: Mapping[str, object]) -> None:
    """Keep the profile, and forget what user-service said before.

    A field that the message does not name stays as it is, null empties it.
    Raises ValueError for an id, a time or a field of the wrong kind. A time ahead of our clock counts as now: it would
    refuse every later message. A repeat changes nothing.
    """
    user_id = parse_subject(payload.get("user_id")).id
    update_profile(
        user_id=user_id,
        location=read_text(payload, "location"),
        industry=read_text(payload, "industry"),
        interests=read_words(payload, "interests"),
        at=min(parse_time(payload.get("timestamp")), now()),
    )
    forget_user(user_id)


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
