"""Points everything that the service keeps in the cache Redis at another address, such as one that is away."""

from typing import Any


def use_redis(settings: Any, url: str) -> None:
    """As a process that starts with this REDIS_URL would; `settings` is pytest-django's, which takes it back."""
    soon = {**settings.REDIS_CLIENT_OPTIONS, "socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    settings.REDIS_URL, settings.REDIS_CLIENT_OPTIONS = url, soon
    cache = settings.CACHES["default"]
    options = {**cache["OPTIONS"], "CONNECTION_POOL_KWARGS": soon}
    settings.CACHES = {"default": {**cache, "LOCATION": url, "OPTIONS": options}}
