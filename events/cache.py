"""What the cache holds of events: each one by its id, pages and totals of the list, and what makes them worthless."""

from collections.abc import Callable
from hashlib import blake2b
from uuid import UUID

from django.conf import settings

from meetinity_events.api.cache import Aside, Entry, forget_on_commit

EVENTS = "events:generation"
"""Changes with every change of a public event other than a seat: pages, totals, popular."""
NAMES = "events:names:generation"
"""Changes when a category is renamed, which rewrites any number of events."""
LONGEST_PLAIN_QUERY = 120


def event_key(event_id: UUID | str) -> str:
    """The platform's key of an event."""
    return f"event:{event_id}"


def event_entry(event_id: UUID, build: Callable[[], bytes | None]) -> Entry:
    """One event; `build` returns None unless everybody may see it."""
    return Entry(event_key(event_id), settings.CACHE_TIMEOUTS["event_details"], build, NAMES)


def page_entry(kind: str, query: str, build: Callable[[], bytes | None], total: Aside | None = None) -> Entry:
    """An answer of `kind` (list, search) to a query that everybody would get; seats may be some seconds old in it."""
    return Entry(f"events:{kind}:{short(query)}", settings.CACHE_TIMEOUTS["event_pages"], build, EVENTS, total)


def tags_entry(build: Callable[[], bytes | None]) -> Entry:
    """The tags of coming events; they cost a look at each, and may be some minutes old."""
    return Entry("events:tags", settings.CACHE_TIMEOUTS["event_tags"], build)


def total_aside(query: str) -> Aside:
    """How many events a query finds, whichever page was asked for."""
    return Aside(f"events:total:{short(query)}", settings.CACHE_TIMEOUTS["event_totals"])


def short(query: str) -> str:
    """The query itself, or its digest where it is long."""
    if len(query) <= LONGEST_PLAIN_QUERY:
        return query
    return blake2b(query.encode(), digest_size=20).hexdigest()


def forget_event_on_commit(event_id: UUID) -> None:
    """The event has changed, appeared or gone."""
    forget_on_commit(event_key(event_id), generations=(EVENTS,))


def forget_names_on_commit() -> None:
    """A category has another name, and so have its events."""
    forget_on_commit(generations=(EVENTS, NAMES))
