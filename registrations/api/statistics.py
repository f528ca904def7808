"""Figures of participation over HTTP: one event for its organiser, all of them for admins."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.models import Event
from events.ownership import require_organiser
from events.statistics import find_refreshed_at
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from meetinity_events.api.permissions import IsAdmin
from registrations.models import Registration, RegistrationStatus
from registrations.statistics import REGISTRATION_STATS, Day, rate, read_series, read_series_of_event

MAX_DAYS = 730


class SeriesQuery(serializers.Serializer[Any]):
    """How far back."""

    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=30, help_text="The latest, with today")


class DayBody(serializers.Serializer[Any]):
    """What happened on a day; days without anything are left out."""

    date = serializers.DateField()
    registrations = serializers.IntegerField()
    cancellations = serializers.IntegerField()
    attendance = serializers.IntegerField()
    no_shows = serializers.IntegerField()


class SeriesBody(serializers.Serializer[Any]):
    """`GET /events/stats/registrations`."""

    refreshed_at = serializers.DateTimeField(allow_null=True, help_text="null: never since the database was made")
    series = DayBody(many=True)


class EventStatisticsBody(serializers.Serializer[Any]):
    """`GET /events/{id}/statistics`; a rate is from 0 to 1, null where nothing can be divided."""

    event_id = serializers.UUIDField()
    timezone = serializers.CharField(help_text="Of the days below")
    max_attendees = serializers.IntegerField(allow_null=True)
    seats_taken = serializers.IntegerField()
    registered = serializers.IntegerField(help_text="Expected, and not marked yet")
    waitlisted = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    attended = serializers.IntegerField()
    no_show = serializers.IntegerField()
    fill_rate = serializers.FloatField(allow_null=True, help_text="Seats taken of those there are; null: unlimited")
    attendance_rate = serializers.FloatField(allow_null=True, help_text="Who came, of those who are marked")
    cancellation_rate = serializers.FloatField(allow_null=True, help_text="Who gave up, of those who had registered")
    series = DayBody(many=True)


class StatisticsViewSet(ViewSet):
    """One event, for its organiser or an admin."""

    @extend_schema(
        operation_id="get_event_statistics",
        tags=["statistics"],
        responses={200: EventStatisticsBody, **refusals(401, 403, 404)},
    )
    def retrieve(self, request: Request, event_id: UUID) -> Response:
        """Registrations and attendance of one event, as they are now, and day by day."""
        event = require_organiser(Event.objects.find(event_id), principal_of(request))
        return Response(statistics_body(event))


class SeriesViewSet(ViewSet):
    """All events, for admins."""

    permission_classes = (IsAdmin,)

    @extend_schema(
        operation_id="get_registration_stats",
        tags=["statistics"],
        parameters=[SeriesQuery],
        responses={200: SeriesBody, **refusals(401, 403, 422)},
    )
    def retrieve(self, request: Request) -> Response:
        """Registrations and attendance of all events day by day (UTC), as of `refreshed_at`."""
        query = SeriesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        series = days_body(read_series(**query.validated_data))
        return Response({"refreshed_at": find_refreshed_at(REGISTRATION_STATS), "series": series})


def statistics_body(event: Event) -> dict[str, Any]:
    """Three queries: the event's own row is one of them."""
    counts = Registration.objects.count_by_status(event.pk)
    states = {status: counts.get(status, 0) for status in RegistrationStatus.values}
    taken = event.current_attendees
    return {
        "event_id": event.pk,
        "timezone": event.timezone,
        "max_attendees": event.max_attendees,
        "seats_taken": taken,
        **states,
        "fill_rate": None if event.max_attendees is None else rate(taken, event.max_attendees - taken),
        "attendance_rate": rate(states["attended"], states["no_show"]),
        "cancellation_rate": rate(states["cancelled"], taken),
        "series": days_body(read_series_of_event(event.pk, timezone=event.timezone)),
    }


def days_body(days: Iterable[Day]) -> list[dict[str, Any]]:
    """As JSON objects."""
    return [asdict(day) for day in days]
