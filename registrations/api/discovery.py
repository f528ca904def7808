"""What to go to, over HTTP: popular in a city, or recommended to the caller."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.dialects.canonical import SELECTED, event_body, write_event
from events.api.neutral import HOLE, fill_in, write_neutral
from events.api.serializers import EventBody
from events.api.versions import IF_NONE_MATCH, PAGE_ETAG, answer_unless_known
from events.models import Event
from integrations.users.directory import find_interests
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.hot_reads import ReadViewSet, hot_read
from meetinity_events.api.openapi import refusals
from meetinity_events.api.principal import Principal
from meetinity_events.errors import InvalidFields
from registrations.cache import popular_entry, user_events_entry
from registrations.recommended import Suggestion, recommend
from registrations.trending import city_of, count_recent, find_popular_rows

CODES = ("interest", "industry", "nearby", "history", "attended_together", "trending", "coming_soon")


MAX_LOCATION = 255
LOCATION = "A city: what stands before the first comma, without case and accents; everywhere without it"


class PopularEventBody(EventBody):
    """An event and how many people register for it just now."""

    is_registered = serializers.BooleanField(help_text="The caller holds a seat")
    recent_registrations = serializers.FloatField(help_text="Each counted half as much for every three days of its age")


class PopularBody(serializers.Serializer[Any]):
    """`GET /events/popular`."""

    events = PopularEventBody(many=True)


class ReasonBody(serializers.Serializer[Any]):
    """What speaks for an event: in which words, or how many people."""

    code = serializers.ChoiceField(CODES)
    values = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField(allow_null=True)


class RecommendedEventBody(EventBody):
    """An event and why the caller might like it."""

    is_registered = serializers.BooleanField(help_text="Always false")
    score = serializers.FloatField()
    reasons = ReasonBody(many=True)


class RecommendedBody(serializers.Serializer[Any]):
    """`GET /events/recommended`."""

    events = RecommendedEventBody(many=True)


class DiscoveryViewSet(ReadViewSet):
    """Events that the caller did not ask for by name."""

    rate_limits: ClassVar[dict[str, str]] = {"list_popular": "browse", "list_recommended": "browse"}
    queryset: ClassVar[QuerySet[Event]] = Event.objects.none()

    @extend_schema(
        operation_id="list_popular_events",
        tags=["discovery"],
        parameters=[OpenApiParameter("location", str, description=LOCATION), IF_NONE_MATCH, PAGE_ETAG],
        responses={200: PopularBody, 304: None, **refusals(401, 403, 422, 429)},
    )
    @hot_read
    def list_popular(self, request: HttpRequest, caller: Principal) -> HttpResponse:
        """The coming events that most people register for just now; up to an hour old."""
        city = read_city(request)
        entry, own = popular_entry(city, partial(make_popular, city)), user_events_entry(caller.id)
        with self.look_up(request, caller, entry, own) as found:
            neutral, events = found.get(entry), found.get(own)
        assert neutral is not None
        return answer_unless_known(request, fill_in(neutral, events))

    @extend_schema(
        operation_id="list_recommended_events",
        tags=["discovery"],
        responses={200: RecommendedBody, **refusals(401, 403, 429)},
    )
    def list_recommended(self, request: Request) -> Response:
        """Coming events with room that fit the caller's profile, past and city, best first; nothing already joined."""
        caller = principal_of(request)
        suggestions = recommend(caller.id, find_interests(caller))
        return Response({"events": recommended_bodies(suggestions)})


def read_city(request: HttpRequest) -> str:
    """The city that the query names, or ''. Raises InvalidFields."""
    location = request.GET.get("location", "")
    if len(location) > MAX_LOCATION or "\0" in location:
        raise InvalidFields(details={"location": [f"This must be text of at most {MAX_LOCATION} characters."]})
    return city_of(location)


def make_popular(city: str) -> bytes:
    """What is popular there, in its neutral form. One query."""
    now, bodies = time.time(), []
    for heat, *row in find_popular_rows(city):
        bodies.append({**write_event(row), "is_registered": HOLE, "recent_registrations": count_recent(heat, now)})
    return write_neutral({"events": bodies}, [body["id"] for body in bodies])


def recommended_bodies(suggestions: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """The events in the order of the suggestions. One query; one that is gone by now is left out."""
    rows = Event.objects.filter(pk__in=[suggestion.event_id for suggestion in suggestions]).values(*SELECTED)
    bodies = {row["id"]: event_body(row) for row in rows}
    return [
        {**bodies[suggestion.event_id], "is_registered": False, **why(suggestion)}
        for suggestion in suggestions
        if suggestion.event_id in bodies
    ]


def why(suggestion: Suggestion) -> dict[str, Any]:
    """Score and reasons, the strongest first."""
    reasons = [{"code": one.code, "values": one.values, "count": one.count} for one in suggestion.reasons]
    return {"score": suggestion.score, "reasons": reasons}
