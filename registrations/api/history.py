"""What a user has done with events, over HTTP, in the shape that matching-service asks for."""

from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.status import EventStatus
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from registrations.history import read_history
from registrations.models import Registration


class PastEventBody(serializers.Serializer[Any]):
    """An event in short."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField(allow_null=True)
    location = serializers.CharField(allow_null=True)
    is_virtual = serializers.BooleanField()
    status = serializers.ChoiceField(EventStatus.choices)


class HistoryBody(serializers.Serializer[Any]):
    """`GET /events/users/{user_id}/history`."""

    attended_events = PastEventBody(many=True, help_text="The latest 100")
    created_events = PastEventBody(many=True, help_text="The latest 100")
    preferred_categories = serializers.ListField(child=serializers.CharField(), help_text="Up to five, most first")
    activity_score = serializers.FloatField(
        help_text="From 0 to 1: p / (p + 10), to four places, where p is 3 for an event created, 2 for one attended, 1 "
        "for one registered for and -1 for one missed, of the last 365 days and to come"
    )


class HistoryViewSet(ViewSet):
    """For the user, an admin and the platform's other services."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()

    @extend_schema(
        operation_id="get_history",
        tags=["registrations"],
        responses={200: HistoryBody, **refusals(401, 403)},
    )
    def retrieve(self, request: Request, user_id: UUID) -> Response:
        """What the user attended and organised, and what that says of them; for the user, an admin or a service."""
        caller = principal_of(request)
        if not (caller.is_service or caller.may_act_for(user_id)):
            raise PermissionDenied("Only the user, an admin or another service may see this.")
        return Response(asdict(read_history(user_id, timezone.now())))
