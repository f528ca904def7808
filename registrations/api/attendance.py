"""The list at the door over HTTP: who is expected, who came, who did not."""

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.models import Event
from events.ownership import require_organiser
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import Row, read_page
from registrations.api.attendance_serializers import AttendanceInput, AttendancePage, MarkedBody
from registrations.api.filters import FIRST_COME, RegistrationFilters
from registrations.models import Registration
from registrations.services.mark_attendance import AttendanceList, mark_attendance

COLUMNS = ("id", "user_id", "status", "registered_at", "checked_in_at", "checked_in_by", "check_in_method")


class AttendanceViewSet(ViewSet):
    """For the organiser or an admin."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()
    filterset_class = RegistrationFilters

    @extend_schema(
        operation_id="list_attendance",
        tags=["attendance"],
        parameters=PAGING,
        responses={200: AttendancePage, **refusals(401, 403, 404, 422)},
    )
    def list(self, request: Request, event_id: UUID) -> Response:
        """Who holds a seat, first come first, with check-in and with how often they miss what they registered for."""
        require_organiser(Event.objects.find(event_id), principal_of(request))
        seats = Registration.objects.filter(event_id=event_id).holding_a_seat()
        filters = RegistrationFilters(request.query_params, queryset=seats)
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        rows, paging = read_page(filters.qs, request.query_params, FIRST_COME, COLUMNS)
        return Response({"attendance": with_records(rows), **paging})

    @extend_schema(
        operation_id="mark_attendance",
        tags=["attendance"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=AttendanceInput,
        examples=[OpenApiExample("An evening", {"attended": [102, 103], "no_show": [105]}, request_only=True)],
        responses={200: MarkedBody, **refusals(400, 401, 403, 404, 409, 413, 415, 422)},
    )
    def mark(self, request: Request, event_id: UUID) -> Response:
        """Write down who came and who did not, or set them back; who holds no seat is named and changes nothing."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            people = read_people(request)
            done = mark_attendance(event_id=event_id, caller=caller, people=people, replay=replay)
            return figures(event_id, done.changed, done.unknown)

        return answer_once(
            request, do, lambda _, __: figures(event_id, 0, find_unknown(read_people(request), event_id))
        )


def with_records(rows: list[Row]) -> list[Row]:
    """The rows with each user's past. One query."""
    records = Registration.objects.show_records(row["user_id"] for row in rows)
    return [{**row, **past(*records.get(row["user_id"], (0, 0)))} for row in rows]


def past(came: int, missed: int) -> Row:
    """How often somebody came and did not come, and the share of the latter: null without a past."""
    total = came + missed
    return {
        "events_attended": came,
        "events_missed": missed,
        "no_show_rate": round(missed / total, 3) if total else None,
    }


def figures(event_id: UUID, changed: int, unknown: Collection[UUID]) -> Response:
    """How the event stands now."""
    counts = Registration.objects.count_by_status(event_id)
    states = {status: counts.get(status, 0) for status in ("registered", "attended", "no_show")}
    return Response({"changed": changed, **states, "unknown": list(unknown)})


def find_unknown(people: AttendanceList, event_id: UUID) -> list[UUID]:
    """Who of them holds no seat now."""
    known = Registration.objects.seats_of(event_id, people.all)
    return [user_id for user_id in people.all if user_id not in known]


def read_people(request: Request) -> AttendanceList:
    """The lists of the body; raises ValidationError (422)."""
    body = AttendanceInput(data=request.data)
    body.is_valid(raise_exception=True)
    return AttendanceList(**body.validated_data)
