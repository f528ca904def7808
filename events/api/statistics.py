"""Figures of events over HTTP, for admins."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.statistics import EVENT_STATS, find_refreshed_at, read_event_stats
from meetinity_events.api.openapi import refusals
from meetinity_events.api.permissions import IsAdmin

MAX_MONTHS = 120


class StatsQuery(serializers.Serializer[Any]):
    """What to show."""

    category = serializers.CharField(max_length=100, required=False, help_text="A name; all without it")
    months = serializers.IntegerField(
        min_value=1, max_value=MAX_MONTHS, default=12, help_text="The latest so many, this one included"
    )


class MonthOfCategoryBody(serializers.Serializer[Any]):
    """Active events of a category that were created in a month."""

    category = serializers.CharField()
    month = serializers.DateField(help_text="Its first day, UTC")
    total_events = serializers.IntegerField()
    avg_attendees = serializers.FloatField()


class StatsBody(serializers.Serializer[Any]):
    """`GET /events/stats`."""

    refreshed_at = serializers.DateTimeField(allow_null=True, help_text="null: never since the database was made")
    stats = MonthOfCategoryBody(many=True)


class StatsViewSet(ViewSet):
    """What is counted ahead."""

    permission_classes = (IsAdmin,)

    @extend_schema(
        operation_id="get_event_stats",
        tags=["statistics"],
        parameters=[StatsQuery],
        responses={200: StatsBody, **refusals(401, 403, 422)},
    )
    def retrieve(self, request: Request) -> Response:
        """Active events and their mean attendance by category and month of creation, as of `refreshed_at`."""
        query = StatsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        stats = [asdict(row) for row in read_event_stats(**query.validated_data)]
        return Response({"refreshed_at": find_refreshed_at(EVENT_STATS), "stats": stats})
