"""One trip to Redis: on a connection of the thread's own, and the steps that Redis takes at once for a read."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from threading import local
from typing import Any

from django_redis import get_redis_connection
from redis import ConnectionPool
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as Unanswered

SILENCE_SECONDS = 1.0


class Script:
    """A Lua script, sent by its digest; its text only to a server that does not know it yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What the script returns. Raises RedisError."""
        try:
            return ask("EVALSHA", self.digest, len(keys), *keys, *arguments)
        except NoScriptError:  # nothing was done yet
            return ask("EVAL", self.text, len(keys), *keys, *arguments)


class Owned:
    """Closes a connection as soon as its thread has ended: by itself it would stay open until a garbage collection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __del__(self) -> None:
        with suppress(Exception):
            self.connection.disconnect()


@dataclass
class Held(local):
    """The connection that each thread keeps for itself: taking one out of the pool costs three times the trip."""

    owned: Owned | None = None
    pool: Any = None
    process: int = 0


_held = Held()


@dataclass
class Silence:
    """Which server did not answer in time, and until when nobody of this process waits for it again."""

    pool: Any = None
    until: float = 0.0


_silence = Silence()


def ask(*command: Any) -> Any:
    """The answer to one command. Raises RedisError.

    Asked again when the connection turns out to be closed, as after a restart of Redis; a new one is tried once. For
    SILENCE_SECONDS after Redis left a command without an answer this raises at once: a request makes several trips, and
    waits for one of them.
    """
    connection = own_connection()
    if _silence.pool is _held.pool and time.monotonic() < _silence.until:
        raise Unanswered("Redis did not answer a moment ago")
    was_open = connection.is_connected
    try:
        return talk(connection, command)
    except Unanswered:
        _silence.pool, _silence.until = _held.pool, time.monotonic() + SILENCE_SECONDS
        raise
    except Disconnected:
        if not was_open:
            raise
        return talk(connection, command)


def talk(connection: Any, command: Sequence[Any]) -> Any:
    """Send and wait for the answer; opens the connection where it is closed, and closes it on an error."""
    connection.send_command(*command)
    return connection.read_response()


def own_connection() -> Any:
    """This thread's, to the server that the settings name, and never that of the process it was forked from."""
    pool: ConnectionPool = get_redis_connection("default").connection_pool
    if _held.pool is not pool or _held.process != os.getpid():
        # Not by the pool, which would count it among its own for ever, and refuse a hundred threads later.
        _held.owned = Owned(pool.connection_class(**pool.connection_kwargs))
        _held.pool, _held.process = pool, os.getpid()
    assert _held.owned is not None
    return _held.owned.connection


# KEYS: the set of removed users, the counter of the limit ('' for none), then each key, its generation (''), its lease
# and its aside ('').
# ARGV: user, limit, seconds of the counter, lease, milliseconds of the lease.
# Returns: removed?, count, and unless that refuses the request, for each key its bytes, or for who now has the lease a
# list of the generation and of what was put aside in it ('' for nothing), or 0 where another has it.
LOOK_UP = Script("""
local function of_generation(key, generation)
    local kept = key ~= '' and redis.call('GET', key)
    if kept and string.sub(kept, 1, #generation + 1) == generation .. ' ' then
        return string.sub(kept, #generation + 2)
    end
end
local found = {0, 0}
if KEYS[1] ~= '' then found[1] = redis.call('SISMEMBER', KEYS[1], ARGV[1]) end
if found[1] == 1 then return found end
if KEYS[2] ~= '' then
    found[2] = redis.call('INCR', KEYS[2])
    if found[2] == 1 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
    if found[2] > tonumber(ARGV[2]) then return found end
end
for n = 3, #KEYS, 4 do
    local generation = KEYS[n + 1] ~= '' and redis.call('GET', KEYS[n + 1]) or ''
    local kept = of_generation(KEYS[n], generation)
    if kept then
        found[#found + 1] = kept
    elseif redis.call('SET', KEYS[n + 2], ARGV[4], 'NX', 'PX', ARGV[5]) then
        found[#found + 1] = {generation, of_generation(KEYS[n + 3], generation) or ''}
    else
        found[#found + 1] = 0
    end
end
return found
""")

# KEYS: key, generation (''), lease, aside (''). ARGV: lease, generation, milliseconds to keep the bytes (0: not at
# all), bytes, milliseconds to keep what is put aside, and that.
SETTLE = Script("""
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[3])
local generation = KEYS[2] ~= '' and redis.call('GET', KEYS[2]) or ''
if ARGV[3] == '0' or generation ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[4], 'PX', ARGV[3])
if KEYS[4] ~= '' then redis.call('SET', KEYS[4], ARGV[2] .. ' ' .. ARGV[6], 'PX', ARGV[5]) end
return 1
""")
