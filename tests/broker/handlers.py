"""Handlers as other apps write them, one for each way in which a handler can end."""

from itertools import count

from django.db import connection

from integrations.kafka.envelope import parse_time
from integrations.users.profiles import update_profile
from meetinity_events.api.principal import parse_subject

tries = count()
losses = count()


def lose_the_database(payload: dict[str, object]) -> None:
    """The connection dies under it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def lose_the_database_twice(payload: dict[str, object]) -> None:
    """The same, and at the third try of a process it stores a profile."""
    if next(tries) < 2:
        lose_the_database(payload)
    user_id = parse_subject(payload["user_id"]).id
    at = parse_time(payload["timestamp"])
    update_profile(user_id=user_id, location="third try", industry=None, interests=None, at=at)


def refuse(payload: dict[str, object]) -> None:
    """It does not like the data."""
    raise ValueError("I will not")


def lose_the_database_once(payload: dict[str, object]) -> None:
    """The first time in a process."""
    if next(losses) == 0:
        lose_the_database(payload)


def take_nine_seconds(payload: dict[str, object]) -> None:
    """Longer than a session of the tests lasts, whatever the database does meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(9)")
