"""The search and the list of tags over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar
from urllib.parse import urlencode

import django_filters
import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError

from events.api import pages
from events.api.dialects.canonical import SELECTED, event_body
from events.api.filters import EventFilters
from events.api.neutral import HOLE, fill_in, write_neutral
from events.api.pages import is_for_everybody
from events.api.search_serializers import SearchPage, TagBody
from events.cache import page_entry, tags_entry
from events.models import Event
from events.querysets import EventQuerySet
from events.search.endings import with_endings
from events.search.highlights import headlines, write_highlights
from events.search.query import Query, read_query
from events.search.ranking import Found, Hit, search_events
from events.search.suggestions import correct
from events.search.tags import count_tags
from meetinity_events.api.hot_reads import ReadViewSet, answer_bytes, hot_read
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import Ordering, PageRequest, Row, paging_of, read_page_request
from meetinity_events.api.principal import Principal
from registrations.cache import user_events_entry

RELEVANCE = Ordering("relevance", "position")


class SearchFilters(EventFilters):
    """The filters of `GET /events` around the words."""

    q = django_filters.CharFilter(method="keep_all", max_length=200, required=True, help_text="The words")
    search = None  # type: ignore[assignment]
    sort = None  # type: ignore[assignment]
    always = ("q",)


class SearchViewSet(ReadViewSet):
    """Finding events by words."""

    rate_limits: ClassVar[dict[str, str]] = {"list_found": "search", "list_tags": "browse"}
    queryset: ClassVar[QuerySet[Event]] = Event.objects.none()
    filterset_class = SearchFilters

    @extend_schema(
        operation_id="search_events",
        tags=["events"],
        parameters=PAGING,
        responses={200: SearchPage, **refusals(401, 403, 422, 429)},
    )
    @hot_read
    def list_found(self, request: HttpRequest, caller: Principal) -> HttpResponse:
        """The best of the soonest coming events with these words, also where one of them is misspelt."""
        given, own = read_question(request.GET), user_events_entry(caller.id)
        if is_for_everybody(given):
            entry = page_entry("search", urlencode(given), partial(make_page, given))
            with self.look_up(request, caller, entry, own) as found:
                neutral, events = found.get(entry), found.get(own)
        else:
            with self.look_up(request, caller, own) as found:
                visible = Event.objects.visible_to(caller.id, is_admin=caller.is_admin)
                neutral, events = make_page(given, visible), found.get(own)
        assert neutral is not None
        return answer_bytes(fill_in(neutral, events).body)

    @extend_schema(
        operation_id="list_tags",
        tags=["events"],
        responses={200: TagBody(many=True), **refusals(401, 403, 429)},
        filters=False,
    )
    @hot_read
    def list_tags(self, request: HttpRequest, caller: Principal) -> HttpResponse:
        """The tags of coming events, the most frequent first; up to five minutes old."""
        entry = tags_entry(lambda: orjson.dumps(count_tags()))
        with self.look_up(request, caller, entry) as found:
            return answer_bytes(found.get(entry) or b"[]")


def read_question(params: QueryDict) -> dict[str, str]:
    """The parameters that count: known ones with a value, in one order; the last one of each name."""
    known = SearchFilters.base_filters.keys() | pages.PAGING
    return {name: str(value) for name, value in sorted(params.dict().items()) if value and name in known}


def make_page(given: Mapping[str, str], events: EventQuerySet | None = None) -> bytes:
    """The page in its neutral form; of public events, unless `events` says of which. Raises ValidationError (422)."""
    filters = SearchFilters(given, queryset=events)
    if not filters.is_valid():
        raise ValidationError(filters.errors)
    typed = with_endings(read_query(filters.form.cleaned_data["q"]))
    page = read_page_request(given, RELEVANCE)
    found, query = find(filters, typed, page)
    has_more, hits = len(found.hits) > page.size, found.hits[: page.size]
    content = {
        "events": read_hits(filters, query, hits),
        **paging_of(page, RELEVANCE, found.total, found.limit, place_of(hits[-1]) if has_more else None),
        "query": query.text,
        "is_corrected": query is not typed,
        "suggestions": found.suggestions,
        "facets": found.facets,
    }
    return write_neutral(content, [event["id"] for event in content["events"]])


def find(filters: SearchFilters, typed: Query, page: PageRequest) -> tuple[Found, Query]:
    """What was found, and by which query: the corrected one where the typed one finds nothing."""
    search = partial(search_events, filters.boxed, page=page, since=filters.since)
    found = search(query=typed)
    correction = None if found.total else correct(typed)
    if correction is None:
        return found, typed
    return search(query=correction.query, suggestions=correction.suggestions), correction.query


def read_hits(filters: SearchFilters, query: Query, hits: list[Hit]) -> list[Row]:
    """The found events in their order, as they are answered. One query, none for nothing."""
    if not hits:
        return []
    extra = () if filters.point is None else ("distance_km",)
    found = Event.objects.filter(pk__in=[hit.id for hit in hits])
    events = found if filters.point is None else found.with_distance(*filters.point)
    rows = {row["id"]: row for row in events.annotate(**headlines(query)).values(*SELECTED, *extra, *headlines(query))}
    return [
        {
            **event_body(rows[hit.id]),
            "is_registered": HOLE,
            "rank": round(hit.rank, 6),
            "highlights": write_highlights(rows[hit.id]),
        }
        for hit in hits
        if hit.id in rows  # one may have been deleted between the two queries
    ]


def place_of(hit: Hit) -> Row:
    """Where a cursor stands behind it."""
    return {"position": [hit.rank, hit.start_date], "id": hit.id}
