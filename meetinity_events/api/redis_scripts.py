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


# KEYS: the set of removed users, the counter of the limit ('' for none of them), then each key and its generation ('').
# ARGV: user, limit, seconds of the counter, lease, milliseconds of the lease.
# Returns: removed?, count, and unless that refuses the request, for each key its bytes, or the generation in a list for
# who now has the lease, or 0 while another has it.
LOOK_UP = Script("""
local found = {0, 0}
if KEYS[1] ~= '' then found[1] = redis.call('SISMEMBER', KEYS[1], ARGV[1]) end
if found[1] == 1 then return found end
if KEYS[2] ~= '' then
    found[2] = redis.call('INCR', KEYS[2])
    if found[2] == 1 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
    if found[2] > tonumber(ARGV[2]) then return found end
end
for n = 3, #KEYS, 2 do
    local generation = KEYS[n + 1] ~= '' and redis.call('GET', KEYS[n + 1]) or ''
    local kept = redis.call('GET', KEYS[n])
    if kept and string.sub(kept, 1, #generation + 1) == generation .. ' ' then
        found[#found + 1] = string.sub(kept, #generation + 2)
    elseif redis.call('SET', KEYS[n] .. ':lease', ARGV[4], 'NX', 'PX', ARGV[5]) then
        found[#found + 1] = {generation}
    else
        found[#found + 1] = 0
    end
end
return found
""")

# KEYS: key, generation (''). ARGV: lease, generation, milliseconds to keep the bytes (0: give the lease back), bytes.
SETTLE = Script("""
local lease = KEYS[1] .. ':lease'
if redis.call('GET', lease) ~= ARGV[1] then return 0 end
redis.call('DEL', lease)
local generation = KEYS[2] ~= '' and redis.call('GET', KEYS[2]) or ''
if ARGV[3] == '0' or generation ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[4], 'PX', ARGV[3])
return 1
""")
