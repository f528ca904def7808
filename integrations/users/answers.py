"""What user-service may answer, checked before anything believes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard
from uuid import UUID

from integrations.users.transport import UserServiceFailedError
from meetinity_events.api.principal import parse_subject

LONGEST_TEXT = 255
LONGEST_ADDRESS = 2048
MOST_INTERESTS = 100


@dataclass(frozen=True, slots=True)
class UserCheck:
    """Whether somebody may take part; `name` is empty for a user that does not exist."""

    exists: bool
    is_active: bool
    name: str


@dataclass(frozen=True, slots=True)
class UserCard:
    """What user-service tells of a user and we may show or use: no mail address, nothing private.

    `avatar_url` is an absolute http(s) address or empty.
    """

    user_id: UUID
    name: str
    avatar_url: str = ""
    location: str = ""
    industry: str = ""
    interests: tuple[str, ...] = ()


NO_SUCH_USER = UserCheck(exists=False, is_active=False, name="")


def read_check(answer: object) -> UserCheck:
    """Of `/validate`, or the object inside today's answer. Raises UserServiceFailedError for anything unexpected."""
    if not isinstance(answer, dict):
        raise UserServiceFailedError("nonsense")
    if answer.get("exists", True) is False:
        return NO_SUCH_USER
    if answer.get("exists", True) is not True or not isinstance(answer.get("is_active"), bool):
        raise UserServiceFailedError("nonsense")
    return UserCheck(exists=True, is_active=answer["is_active"], name=read_text(answer, "name"))


def read_inner(answer: object) -> object:
    """The user inside today's `{"user": {...}}`. Raises UserServiceFailedError when it is not there."""
    if not isinstance(answer, dict) or not isinstance(answer.get("user"), dict):
        raise UserServiceFailedError("nonsense")
    return answer["user"]


def read_card(answer: object, asked: UUID) -> UserCard:
    """A profile. Raises UserServiceFailedError for one without a name, or of somebody else."""
    card = make_card(answer)
    if card is None or card.user_id != asked:
        raise UserServiceFailedError("nonsense")
    return card


def read_cards(answer: object, asked: Sequence[UUID]) -> dict[UUID, UserCard]:
    """The profiles of a batch, of those who were asked for; what is no profile is left out.

    Raises UserServiceFailedError when it is no list, or longer than what was asked for.
    """
    if not isinstance(answer, list) or len(answer) > len(asked):
        raise UserServiceFailedError("nonsense")
    wanted = set(asked)
    cards = (make_card(item) for item in answer)
    return {card.user_id: card for card in cards if card is not None and card.user_id in wanted}


def make_card(answer: object) -> UserCard | None:
    """None for what has no id of a user or no name; other fields that are wrong count as empty."""
    if not isinstance(answer, dict) or not (name := read_text(answer, "name")):
        return None
    try:
        user_id = parse_subject(answer.get("id")).id
    except ValueError:
        return None
    return UserCard(
        user_id=user_id,
        name=name,
        avatar_url=read_address(answer),
        location=read_text(answer, "location"),
        industry=read_text(answer, "industry"),
        interests=read_words(answer.get("interests")),
    )


def read_text(answer: Mapping[str, object], name: str) -> str:
    """A short text without NUL, cut to 255 characters; empty for anything else."""
    value = answer.get(name)
    return value.replace("\0", "").strip()[:LONGEST_TEXT] if isinstance(value, str) else ""


def read_address(answer: Mapping[str, object]) -> str:
    """Where the picture is; today's user-service says `photo_url`, and may give a mere path, which leads nowhere."""
    for name in ("avatar_url", "photo_url"):
        value = answer.get(name)
        if isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= LONGEST_ADDRESS:
            return value
    return ""


def read_words(value: object) -> tuple[str, ...]:
    """Up to 100 short texts; empty for anything else."""
    return tuple(word[:LONGEST_TEXT] for word in value[:MOST_INTERESTS]) if is_words(value) else ()


def is_words(value: object) -> TypeGuard[list[str]]:
    """True for a list of texts that the database could hold."""
    return isinstance(value, list) and all(isinstance(word, str) and "\0" not in word for word in value)
