"""Points everything that the service keeps in the cache Redis at another address, such as one that is away."""

from typing import Any

from meetinity_events.api import throttling


def use_redis(settings: Any, url: str) -> None:
    """As a process that starts with this REDIS_URL would; `settings` is pytest-django's, which takes it back."""
    settings.REDIS_URL = url
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
    throttling.storage.cache_clear()
