"""A page of the list of events: which question it answers, and its bytes for everybody."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import orjson
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import ValidationError as InvalidFilters

from events.api.dialects.canonical import event_body, write_event
from events.api.filters import ORDERINGS, EventFilters
from events.api.neutral import HOLE, write_neutral
from events.cache import page_entry, total_aside
from events.listing import CONDITIONS, Listing, make_listing
from events.querysets import EventQuerySet
from events.rows import COLUMNS
from events.status import PUBLIC
from meetinity_events.api.cache import Aside, Entry
from meetinity_events.api.pagination import (
    COUNT_LIMIT,
    Row,
    paging_of,
    read_page_request,
)
from meetinity_events.errors import InvalidFields

PAGING = frozenset({"page", "page_size", "cursor", "limit", "offset"})
FILTERS = frozenset({*CONDITIONS, "sort"})
"""The parameters that `events.listing` has SQL for."""
SORTS = frozenset({"", "upcoming", "recent", "popular"})


def read_question(params: QueryDict) -> dict[str, str]:
    """The parameters that count: known ones with a value, in one order; the last one of each name."""
    known = EventFilters.base_filters.keys() | PAGING | {"ids"}
    return {name: str(value) for name, value in sorted(params.dict().items()) if value and name in known}


def is_for_everybody(given: Mapping[str, str]) -> bool:
    """True unless it asks for states that only an organiser and admins see."""
    return given.get("status", PUBLIC[0]) in PUBLIC


def list_entry(given: Mapping[str, str]) -> Entry:
    """The page's place in the cache."""
    filters = {name: value for name, value in given.items() if name not in PAGING}
    total = total_aside(orjson.dumps(filters).decode())
    return page_entry("list", orjson.dumps(given).decode(), partial(make_page, given, total=total), total)


def make_page(given: Mapping[str, str], events: EventQuerySet | None = None, total: Aside | None = None) -> bytes:
    """The page in its neutral form; of public events, unless `events` says of which. Raises InvalidFields."""
    if events is None and given.keys() - PAGING <= FILTERS and given.get("sort", "") in SORTS:
        bodies, paging = read_constant(given, total or total_aside(""))
    else:
        bodies, paging = read_filtered(given, events)
    for body in bodies:
        body["is_registered"] = HOLE
    return write_neutral({"events": bodies, **paging}, [body["id"] for body in bodies])


def read_filtered(given: Mapping[str, str], events: EventQuerySet | None) -> tuple[list[Row], Row]:
    """Events and paging by a query set."""
    filters = EventFilters(given, queryset=events)
    if not filters.is_valid():
        raise InvalidFilters(filters.errors)
    rows, paging = filters.read_page(given)
    return [event_body(row) for row in rows], paging


def read_constant(given: Mapping[str, str], known: Aside) -> tuple[list[Row], Row]:
    """Events and paging by constant SQL."""
    cleaned = clean_filters(given)
    ordering = ORDERINGS[cleaned.pop("sort", "upcoming")]
    page = read_page_request(given, ordering)
    listing = make_listing(cleaned, ordering, timezone.now())
    total = read_total(known, listing) if page.start else None
    if total is not None and page.start >= total and total <= COUNT_LIMIT:
        return [], paging_of(page, ordering, total, COUNT_LIMIT, None)
    rows = listing.rows(page, ordering)
    has_more, rows = len(rows) > page.size, rows[: page.size]
    if has_more or not rows or page.cursor is not None:
        total = read_total(known, listing) if total is None else total
    else:
        total = page.start + len(rows)  # the last page tells it
    last = dict(zip(listing.columns(ordering), rows[-1], strict=True)) if has_more else None
    return [write_event(row[: len(COLUMNS)]) for row in rows], paging_of(page, ordering, total, COUNT_LIMIT, last)


def read_total(known: Aside, listing: Listing) -> int:
    """How many events the filters leave, whichever page is asked for; some seconds old."""
    if not known.value:
        known.put(str(listing.count(COUNT_LIMIT)).encode())
    return int(known.value)


def clean_filters(given: Mapping[str, str]) -> dict[str, Any]:
    """The values of the filters that were given, by the fields of EventFilters. Raises InvalidFields naming the bad."""
    cleaned, errors = dict[str, Any](), dict[str, list[str]]()
    for name, field in filter_fields().items():
        if name not in given:
            continue
        try:
            value = field.clean(field.widget.value_from_datadict(given, {}, name))
        except ValidationError as error:
            errors[name] = error.messages
        else:
            if value not in EMPTY_VALUES:
                cleaned[name] = value
    if errors:
        raise InvalidFields(details=errors)
    return cleaned


@cache
def filter_fields() -> dict[str, forms.Field]:
    """One field for each filter; a form would copy them for each request."""
    return {name: filter_.field for name, filter_ in EventFilters.base_filters.items() if name in FILTERS}
