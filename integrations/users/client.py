"""The calls of user-service: those that the platform promises, and today's `GET /users/{id}` where they are missing.

Network calls, never inside a transaction, of USER_SERVICE_TIMEOUT_SECONDS in all. `token` is the caller's own and is
passed on. All raise UserServiceUnavailableError when user-service says nothing about the user.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from integrations.users.answers import (
    NO_SUCH_USER,
    UserCard,
    UserCheck,
    read_card,
    read_cards,
    read_check,
    read_inner,
)
from integrations.users.transport import RouteMissingError, UserMissingError, UserServiceUnavailableError, call
from meetinity_events.api.principal import Subject

# How long a missing route is believed: a promoted user-service is used after at most this.
ROUTE_MEMORY_SECONDS = 60.0
BATCH_SIZE = 100
# Without the batch, so many users are asked for singly; whoever comes next finds them in the cache and asks for others.
MOST_SINGLE_CALLS = 25
MAX_ANSWER_BYTES = 64 * 1024
MAX_BATCH_BYTES = 1024 * 1024

T = TypeVar("T")
# Until when (monotonic) each promised call is taken to be missing: what this process has learnt.
missing_until: dict[str, float] = {}


def check_user(user: Subject, token: str) -> UserCheck:
    """`GET /users/{id}/validate`."""
    deadline = make_deadline()

    def promised() -> UserCheck:
        return read_check(get(user, "/validate", token, deadline))

    def today() -> UserCheck:
        return read_check(read_inner(get(user, "", token, deadline)))

    return ask("validate", promised, today) or NO_SUCH_USER


def fetch_card(user: Subject, token: str, deadline: float | None = None) -> UserCard | None:
    """`GET /users/{id}/profile`; None when there is no such user."""
    until = make_deadline() if deadline is None else deadline

    def promised() -> UserCard:
        return read_card(get(user, "/profile", token, until), user.id)

    def today() -> UserCard:
        return read_card(read_inner(get(user, "", token, until)), user.id)

    return ask("profile", promised, today)


def fetch_cards(users: Sequence[Subject], token: str) -> Iterator[dict[UUID, UserCard | None]]:
    """`POST /users/batch`, 100 users a call: part after part, None for a user that does not exist.

    What came before an error is good. Where the batch is missing, the first 25 are asked for one by one.
    """
    deadline = make_deadline()
    if not is_missing("batch"):
        try:
            for start in range(0, len(users), BATCH_SIZE):
                yield fetch_batch(users[start : start + BATCH_SIZE], token, deadline)
            return
        except RouteMissingError:
            remember_missing("batch")
    for user in users[:MOST_SINGLE_CALLS]:
        yield {user.id: fetch_card(user, token, deadline)}


def fetch_batch(users: Sequence[Subject], token: str, deadline: float) -> dict[UUID, UserCard | None]:
    """One call. Raises RouteMissingError where it is not there."""
    ids = [int(user.upstream_id) if user.upstream_id.isdigit() else user.upstream_id for user in users]
    answer = call("POST", "/users/batch", token, deadline=deadline, max_bytes=MAX_BATCH_BYTES, body={"user_ids": ids})
    cards = read_cards(answer, [user.id for user in users])
    return {user.id: cards.get(user.id) for user in users}


def ask(name: str, promised: Callable[[], T], today: Callable[[], T]) -> T | None:
    """The promised call, and today's where that is missing, which is then remembered; None: no such user."""
    try:
        if not is_missing(name):
            try:
                return promised()
            except RouteMissingError:
                remember_missing(name)
        return today()
    except UserMissingError:
        return None
    except RouteMissingError as error:
        raise UserServiceUnavailableError("no route") from error


def is_missing(name: str) -> bool:
    """True while the promised call is taken to be missing."""
    return time.monotonic() < missing_until.get(name, float("-inf"))


def remember_missing(name: str) -> None:
    """This user-service does not have it, for the next minute."""
    missing_until[name] = time.monotonic() + ROUTE_MEMORY_SECONDS


def get(user: Subject, suffix: str, token: str, deadline: float) -> object:
    """The JSON of `GET /users/{id}{suffix}`."""
    path = f"/users/{quote(user.upstream_id, safe='')}{suffix}"
    return call("GET", path, token, deadline=deadline, max_bytes=MAX_ANSWER_BYTES)


def make_deadline() -> float:
    """On the monotonic clock."""
    return time.monotonic() + settings.USER_SERVICE_TIMEOUT_SECONDS
