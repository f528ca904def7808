"""The waitlist over HTTP: who waits, in which order."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.models import Event
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import read_page
from registrations.api.filters import FIRST_WAITING
from registrations.api.serializers import WaitlistPage
from registrations.api.views import COLUMNS
from registrations.models import Registration


class WaitlistViewSet(ViewSet):
    """Who waits for a seat."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()

    @extend_schema(
        operation_id="list_waitlist",
        tags=["registrations"],
        parameters=PAGING,
        responses={200: WaitlistPage, **refusals(401, 403, 404, 422)},
    )
    def list(self, request: Request, event_id: UUID) -> Response:
        """Who waits, the next first: all of them for the organiser or an admin, others find their own place."""
        caller = principal_of(request)
        event = Event.objects.visible_to(caller.id, is_admin=caller.is_admin).find(event_id)
        waiting = Registration.objects.waiting(event_id)
        if not caller.may_act_for(event.created_by):
            waiting = waiting.of_user(caller.id)
        columns = (*COLUMNS, "position", "waitlist_number")
        rows, paging = read_page(waiting, request.query_params, FIRST_WAITING, columns)
        for row in rows:
            del row["waitlist_number"]
        return Response({"waitlist": rows, **paging})
