"""The steps that Redis takes at once for a read, and for the bytes that a reader has made."""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import NoScriptError


class Script:
    """A Lua script, sent by its digest; its text only to a server that does not know it yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What the script returns. Raises RedisError."""
        connection = get_redis_connection("default")
        try:
            return connection.evalsha(self.digest, len(keys), *keys, *arguments)
        except NoScriptError:  # nothing was done yet
            return connection.eval(self.text, len(keys), *keys, *arguments)


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
