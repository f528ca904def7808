"""One more try for a transaction that lost a race for a lock."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

# Deadlock, serialization failure, lock not available: nothing was stored, and the next try may well succeed.
LOST_RACES = ("40P01", "40001", "55P03")


def is_lost_race(error: OperationalError) -> bool:
    """True when the transaction was well, and ended for the sake of another."""
    return getattr(error.__cause__, "sqlstate", "") in LOST_RACES


def retry_once(transact: Callable[P, T]) -> Callable[P, T]:
    """Call a function that owns its transaction again when PostgreSQL ended that for the sake of another.

    The second failure reaches the caller, who says 503. Inside a transaction of the caller's there is no second try.
    """

    @functools.wraps(transact)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return transact(*args, **kwargs)
        except OperationalError as error:
            if connection.in_atomic_block or not is_lost_race(error):
                raise
        return transact(*args, **kwargs)

    return call
