"""The filters of `GET /events`, by django-filter."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

import django_filters
from django.utils import timezone

from events.api.dialects.canonical import SELECTED
from events.models import Event
from events.querysets import EventQuerySet
from events.search.endings import with_endings
from events.search.query import IsAt, Matches, read_query, tagged
from events.search.soonest import count_soonest
from events.status import EventStatus
from events.validation import MAX_TAG_LENGTH, normalise_tags
from meetinity_events.api.pagination import Ordering, Row, count_rows, read_page
from meetinity_events.errors import InvalidFields

ORDERINGS = {
    "upcoming": Ordering("upcoming", "start_date"),
    "recent": Ordering("recent", "created_at", descending=True),
    "popular": Ordering("popular", "popularity", descending=True),
    "distance": Ordering("distance", "chord", is_distance=True),
}
HALF_WAY_ROUND_KM = 20_038
COUNTED_BY_ROWS = 1_000
"""How far a total is counted where no index holds all that the question needs."""
FOUND_BY_WORDS = {"tags", "tags_all", "location", "search"}
COUNTED_BY_ROWS_ALONE = {*FOUND_BY_WORDS, "latitude"}
LATELY = timedelta(days=7)


class Words(django_filters.BaseInFilter, django_filters.CharFilter):
    """Comma-separated words."""


class EventFilters(django_filters.FilterSet):
    """Each parameter narrows the list; an empty one does not count."""

    category = django_filters.CharFilter(max_length=100)
    category_id = django_filters.UUIDFilter(field_name="category_ref_id")
    status = django_filters.ChoiceFilter(choices=EventStatus.choices)
    tags = Words(method="filter_any_tag", max_length=MAX_TAG_LENGTH, help_text="Comma-separated; at least one of them")
    tags_all = Words(
        method="filter_all_tags", max_length=MAX_TAG_LENGTH, help_text="Comma-separated; every one of them"
    )
    location = django_filters.CharFilter(method="filter_location", max_length=200, help_text="Its words")
    start_after = django_filters.IsoDateTimeFilter(field_name="start_date", lookup_expr="gte")
    start_before = django_filters.IsoDateTimeFilter(field_name="start_date", lookup_expr="lt")
    is_virtual = django_filters.BooleanFilter()
    is_free = django_filters.BooleanFilter(method="filter_free")
    price_max = django_filters.NumberFilter(field_name="price", lookup_expr="lte", min_value=0)
    created_by = django_filters.UUIDFilter()
    search = django_filters.CharFilter(method="filter_search", max_length=200)
    latitude = django_filters.NumberFilter(method="keep_all", min_value=-90, max_value=90)
    longitude = django_filters.NumberFilter(method="keep_all", min_value=-180, max_value=180)
    radius_km = django_filters.NumberFilter(
        method="keep_all", min_value=0.001, max_value=HALF_WAY_ROUND_KM, help_text="Around latitude and longitude"
    )
    sort = django_filters.ChoiceFilter(choices=[(name, name) for name in ORDERINGS], method="keep_all")

    always: ClassVar[tuple[str, ...]] = ()
    """Filters that are there also when the query does not name them."""

    def __init__(self, data: Any = None, *args: Any, **more: Any) -> None:
        """Only with the filters that the query names: each costs a copy and a form field, and most lists use none."""
        asked = {*(data or ()), *self.always}
        named = [(name, filter_) for name, filter_ in self.base_filters.items() if name in asked]
        self.base_filters = OrderedDict(named)
        super().__init__(data, *args, **more)

    class Meta:
        """Declared one by one above."""

        model = Event
        fields: tuple[str, ...] = ()

    def filter_any_tag(self, events: EventQuerySet, name: str, tags: list[str]) -> EventQuerySet:
        """At least one."""
        return events.with_any_tag(normalise_tags(tags))

    def filter_all_tags(self, events: EventQuerySet, name: str, tags: list[str]) -> EventQuerySet:
        """Every one."""
        return events.with_all_tags(normalise_tags(tags))

    def filter_free(self, events: EventQuerySet, name: str, is_free: bool) -> EventQuerySet:
        """Price 0, or above."""
        return events.filter(price=0) if is_free else events.filter(price__gt=0)

    def filter_location(self, events: EventQuerySet, name: str, location: str) -> EventQuerySet:
        """Every word is one of the location's; accents and case do not count."""
        return events.filter(IsAt(location))

    def filter_search(self, events: EventQuerySet, name: str, text: str) -> EventQuerySet:
        """Every word in title, tags, location or description; the last may be the beginning of one."""
        return events.filter(Matches(with_endings(read_query(text))))

    def keep_all(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """Leaves nobody out: `filter_queryset` looks at these together."""
        return events

    def filter_queryset(self, queryset: Any) -> Any:
        """Without a status the active events; without a window those that have not started, unless sorted by age.

        Raises InvalidFields for a half of a point, and for a radius or a sort by distance without one.
        """
        events = cast("EventQuerySet", super().filter_queryset(queryset))
        given = self.form.cleaned_data
        if not given.get("status"):
            events = events.filter(status=EventStatus.ACTIVE)
        if self.ordering.name != "recent" and not (given.get("start_after") or given.get("start_before")):
            events = events.upcoming(timezone.now())
        if self.point is None:
            return events
        events = events.with_distance(*self.point)
        return events if self.reach_km is None else events.within_km(self.reach_km)

    def read_page(self, params: Mapping[str, str]) -> tuple[list[Row], Row]:
        """The rows of the requested page and the paging part of the answer. Two queries.

        What lies within a radius is found by the index of places where it is little. Where it is much, the list is read
        in its order until the page is full: a page of 20 out of thousands is then not far.
        """
        columns = [*SELECTED, *(() if self.point is None else ("distance_km",))]
        if self.ordering.column not in columns:
            columns.append(self.ordering.column)
        limit = COUNTED_BY_ROWS if COUNTED_BY_ROWS_ALONE & self.form.fields.keys() else None
        few = self.boxed
        many = few if self.ordering.name == "distance" else self.qs
        count = self.count_by_words if FOUND_BY_WORDS & self.form.fields.keys() else count_rows
        return read_page(few, params, self.ordering, tuple(columns), count_limit=limit, many=many, count=count)

    def count_by_words(self, events: EventQuerySet, limit: int) -> int:
        """How many of them, looking at few more than `limit`: `search` knows words and tags beside the time."""
        given = self.form.cleaned_data
        for name, is_all in (("tags", False), ("tags_all", True)):
            if given.get(name):
                events = events.filter(Matches(tagged(normalise_tags(given[name]), is_all=is_all)))
        return count_soonest(events, since=self.since, limit=limit)

    @property
    def since(self) -> datetime:
        """Before which none of the events starts; of a window that opened long ago its first event, by a query."""
        given, now = self.form.cleaned_data, timezone.now()
        after: datetime | None = given.get("start_after")
        if after is None and given.get("start_before") is None and self.ordering.name != "recent":
            return now
        if after is not None and after > now - LATELY:
            return after
        events = Event.objects.filter(status=given.get("status") or EventStatus.ACTIVE)
        window = events if after is None else events.filter(start_date__gte=after)
        return window.order_by("start_date", "id").values_list("start_date", flat=True).first() or now

    @property
    def boxed(self) -> EventQuerySet:
        """The same events where few are expected: found by the index of places, if there is a radius."""
        if self.point is None or self.reach_km is None:
            return cast("EventQuerySet", self.qs)
        return cast("EventQuerySet", self.qs).in_box(*self.point, radius_km=self.reach_km)

    @property
    def reach_km(self) -> float | None:
        """How far from the point, if that was asked for."""
        radius = self.form.cleaned_data.get("radius_km")
        return None if radius is None else float(radius)

    @property
    def point(self) -> tuple[float, float] | None:
        """Where the caller is, when both coordinates are given."""
        given = self.form.cleaned_data
        missing = [name for name in ("latitude", "longitude") if given.get(name) is None]
        if not missing:
            return float(given["latitude"]), float(given["longitude"])
        if len(missing) == 1 or given.get("radius_km") is not None or self.ordering.name == "distance":
            raise InvalidFields(details={name: ["Give latitude and longitude."] for name in missing})
        return None

    @property
    def ordering(self) -> Ordering:
        """The sort that was asked for, `upcoming` unless said otherwise."""
        return ORDERINGS[self.form.cleaned_data.get("sort") or "upcoming"]
