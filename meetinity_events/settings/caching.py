"""The cache Redis: short timeouts, no retries, and an outage is a miss."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

from meetinity_events.settings.environment import read_number, read_seconds, read_url

REDIS_URL = read_url("REDIS_URL", "redis://localhost:6379/0", "redis", "rediss")
REDIS_TIMEOUT_SECONDS = read_seconds("REDIS_TIMEOUT_SECONDS", 0.2)
CACHE_TTL = read_number("CACHE_TTL", 3600, minimum=1)

REDIS_CLIENT_OPTIONS: dict[str, Any] = {
    "socket_timeout": REDIS_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}


def keep_key(key: str, key_prefix: str, version: int) -> str:
    """Cache keys are the platform's own, letter for letter; neither prefix nor version is added."""
    return key


CACHES = {
    "default": {
        "BACKEND": "django_prometheus.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "TIMEOUT": CACHE_TTL,
        "KEY_FUNCTION": keep_key,
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "CONNECTION_POOL_KWARGS": REDIS_CLIENT_OPTIONS},
    }
}
