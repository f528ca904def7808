"""What the cache holds of categories: the list that everybody sees."""

from collections.abc import Callable

from django.conf import settings

from meetinity_events.api.cache import Entry, forget_on_commit

KEY = "events:categories"


def categories_entry(build: Callable[[], bytes]) -> Entry:
    """The active categories."""
    return Entry(KEY, settings.CACHE_TIMEOUTS["event_categories"], build)


def forget_categories_on_commit() -> None:
    """A category has changed, appeared or gone."""
    forget_on_commit(KEY)
