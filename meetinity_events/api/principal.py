"""Who is calling: the platform's subjects, of every kind, as one UUID and the id that user-service knows."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

ID_SPACE = 1 << 128
LARGEST_INTEGER_ID = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Subject:
    """A user: `id` in our tables and messages, `upstream_id` in calls to user-service (an integer stays one)."""

    id: UUID
    upstream_id: str


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller, `is_service` another service. `token` is passed on to user-service and never logged."""

    id: UUID
    upstream_id: str
    is_admin: bool = False
    is_service: bool = False
    token: str = field(default="", repr=False)
    is_authenticated: bool = field(default=True, init=False)

    def may_act_for(self, user_id: UUID) -> bool:
        """True for the user and for an admin."""
        return self.is_admin or self.id == user_id


def parse_subject(value: object) -> Subject:
    """The subject of a token or a message.

    A UUID is kept; an integer n, or its digits, becomes UUID(int=n); any other text becomes a UUIDv5.
    Raises ValueError for everything else: bool, null, list, a negative or 129-bit number, empty text, NUL.
    """
    if isinstance(value, UUID):
        return subject_of(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < ID_SPACE:
        return Subject(UUID(int=value), str(value))
    if isinstance(value, str) and value and "\0" not in value:
        return parse_text_subject(value)
    raise ValueError("not a user id")


def parse_text_subject(text: str) -> Subject:
    """A subject that is text but not a number: a UUID in its 36-character form, or a name."""
    try:
        if len(text) == 36:
            return subject_of(UUID(text))
    except ValueError:
        pass
    return Subject(uuid5(NAMESPACE_URL, f"meetinity:user:{text}"), text)


def subject_of(user_id: UUID) -> Subject:
    """The subject behind a stored id; one that began as an integer goes upstream as that integer."""
    return Subject(user_id, str(user_id.int) if user_id.int <= LARGEST_INTEGER_ID else str(user_id))
