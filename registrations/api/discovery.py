"""What to go to, over HTTP: recommended to the caller."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.api.dialects.canonical import SELECTED, event_body
from events.api.serializers import EventBody
from events.models import Event
from integrations.users.directory import find_interests
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from registrations.recommended import Suggestion, recommend

CODES = ("interest", "industry", "nearby", "history", "attended_together", "trending", "coming_soon")


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


class DiscoveryViewSet(ViewSet):
    """Events that the caller did not ask for by name."""

    rate_limits: ClassVar[dict[str, str]] = {"list_recommended": "browse"}
    queryset: ClassVar[QuerySet[Event]] = Event.objects.none()

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
