"""Who attends an event, over HTTP: everybody who may see the event sees by name and picture who else will be there."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import django_filters
import orjson
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
from meetinity_events.api.cache import LookUp
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import (
    COUNT_LIMIT,
    PageRequest,
    Row,
    count_rows,
    paging_of,
    read_page,
    read_page_request,
)
from registrations.api.filters import FIRST_COME
from registrations.api.profiles import SeenProfileBody, find_profiles
from registrations.cache import attendees_entry
from registrations.models import Registration

COLUMNS = ("id", "user_id", "registered_at")
FIRST = 100
"""So many attendees of an event are kept in the cache: their ids, since names may change before the list does."""


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
        filters = AttendeeFilters(request.query_params, queryset=self.queryset)
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        user_ids, paging = read_attendees(event_id, request.query_params)
        if not filters.form.cleaned_data["include"]:
            return Response({"attendees": [{"user_id": user_id} for user_id in user_ids], **paging})
        in_full = caller.is_service or caller.may_act_for(event.created_by)
        profiles = find_profiles(user_ids, token=caller.token, in_full=in_full)
        attendees = [{"user_id": user_id, "profile": profiles[user_id]} for user_id in user_ids]
        return Response({"attendees": attendees, **paging})


def read_attendees(event_id: UUID, params: Mapping[str, str]) -> tuple[list[UUID], Row]:
    """The users on the requested page and the paging part of the answer.

    No query for a page that lies among the first hundred, while these are in the cache.
    """
    page = read_page_request(params, FIRST_COME)
    if page.cursor is None and page.start + page.size <= FIRST:
        rows, paging = read_first(event_id, page)
    else:
        rows, paging = read_page(seats_of(event_id), params, FIRST_COME, COLUMNS)
    return [UUID(str(row["user_id"])) for row in rows], paging


def read_first(event_id: UUID, page: PageRequest) -> tuple[list[Row], Row]:
    """A page out of the cache, where the first hundred are."""
    entry = attendees_entry(event_id, partial(make_first, event_id))
    with LookUp([entry]) as found:
        first = orjson.loads(found.get(entry) or b"")
    rows = first["rows"][page.start : page.start + page.size + 1]
    last = rows[page.size - 1] if len(rows) > page.size else None
    return rows[: page.size], paging_of(page, FIRST_COME, first["total"], COUNT_LIMIT, last)


def make_first(event_id: UUID) -> bytes:
    """The first hundred and one more, to know that there are more, and their number. One query, or two."""
    seats = seats_of(event_id)
    rows = list(seats.order_by(*FIRST_COME.terms).values(*COLUMNS)[: FIRST + 1])
    total = len(rows) if len(rows) <= FIRST else count_rows(seats, COUNT_LIMIT)
    return orjson.dumps({"total": total, "rows": rows})


def seats_of(event_id: UUID) -> QuerySet[Registration]:
    """Who has one."""
    return Registration.objects.filter(event_id=event_id).holding_a_seat()
