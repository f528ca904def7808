"""Who attends an event, over HTTP: everybody who may see the event sees by name and picture who else will be there."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.api.serializers import PagingBody
from events.models import Event
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import read_page
from registrations.api.filters import FIRST_COME
from registrations.api.profiles import SeenProfileBody, find_profiles
from registrations.models import Registration

COLUMNS = ("id", "user_id", "registered_at")


class AttendeeFilters(django_filters.FilterSet):
    """What is told of each."""

    include = django_filters.ChoiceFilter(
        choices=[("profiles", "profiles")], method="keep_all", help_text="`profiles`: with what user-service tells"
    )

    class Meta:
        """Declared above."""

        model = Registration
        fields: tuple[str, ...] = ()

    def keep_all(self, queryset: QuerySet[Registration], name: str, value: str) -> QuerySet[Registration]:
        """Everybody stays in the list."""
        return queryset


class AttendeeBody(serializers.Serializer[Any]):
    """Somebody with a seat."""

    user_id = serializers.UUIDField()
    profile = SeenProfileBody(required=False, help_text="With `include=profiles`")


class AttendeePage(PagingBody):
    """`GET /events/{id}/attendees`."""

    attendees = AttendeeBody(many=True)


class AttendeeViewSet(ViewSet):
    """For everybody who may see the event."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()
    filterset_class = AttendeeFilters

    @extend_schema(
        operation_id="list_attendees",
        tags=["registrations"],
        parameters=PAGING,
        responses={200: AttendeePage, **refusals(401, 403, 404, 422)},
    )
    def list(self, request: Request, event_id: UUID) -> Response:
        """Who has a seat, first come first; with `include=profiles` as far as user-service can name them now."""
        caller = principal_of(request)
        event = Event.objects.visible_to(caller.id, is_admin=caller.is_admin).find(event_id)
        filters = AttendeeFilters(
            request.query_params, queryset=Registration.objects.filter(event_id=event_id).holding_a_seat()
        )
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        rows, paging = read_page(filters.qs, request.query_params, FIRST_COME, COLUMNS)
        attendees = [{"user_id": row["user_id"]} for row in rows]
        if filters.form.cleaned_data["include"]:
            in_full = caller.may_act_for(event.created_by)
            profiles = find_profiles((row["user_id"] for row in rows), token=caller.token, in_full=in_full)
            attendees = [{**one, "profile": profiles[one["user_id"]]} for one in attendees]
        return Response({"attendees": attendees, **paging})
