"""The cache Redis: short timeouts, no retries, and an outage is a miss."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

from meetinity_events.settings.environment import read_number, read_seconds, read_url

REDIS_URL = read_url("REDIS_URL", "redis://localhost:6379/0", "redis", "rediss")
REDIS_TIMEOUT_SECONDS = read_seconds("REDIS_TIMEOUT_SECONDS", 0.2)
CACHE_TTL = read_number("CACHE_TTL", 3600, minimum=1)

# Seconds (the platform's document, "Caching Strategy"); each key lives up to a tenth less, so that not all end at once.
CACHE_TIMEOUTS = {
    "event_details": 1800,
    "event_attendees": 300,
    "user_events": 600,
    "popular_events": 3600,
    "event_categories": 86400,
    # Ours: how late a list may show a seat that was taken. A change of an event shows at once.
    "event_pages": 5,
    "event_totals": 30,
    "event_tags": 300,
}

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
