"""The caller's ticket over HTTP: as text, and as a picture to be scanned."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from registrations.api.attendance_serializers import TicketBody
from registrations.errors import RegistrationNotFound, SeatNotHeld
from registrations.models import Registration, RegistrationStatus
from registrations.tickets import draw_ticket, write_ticket
from registrations.window import closes_at, opens_at

# Whoever has it is let in, and it changes when its owner registers anew.
NO_STORE = {"Cache-Control": "no-store"}
PICTURE = OpenApiResponse(OpenApiTypes.BINARY, description="A QR code of the token")
REFUSALS: dict[Any, OpenApiResponse] = {**refusals(401, 403, 404, 409)}


class TicketViewSet(ViewSet):
    """What a guest shows at the door."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()

    @extend_schema(operation_id="get_ticket", tags=["attendance"], responses={200: TicketBody, **REFUSALS})
    def retrieve(self, request: Request, event_id: UUID) -> Response:
        """The caller's ticket while they hold a seat; a new one after cancelling and registering again."""
        registration = find_own_seat(request, event_id)
        body = {
            "token": write_ticket(registration),
            "registration_id": registration.id,
            "event_id": event_id,
            "user_id": registration.user_id,
            "status": registration.status,
            "check_in_opens_at": opens_at(registration.event),
            "check_in_closes_at": closes_at(registration.event),
        }
        return Response(body, headers=NO_STORE)

    @extend_schema(
        operation_id="get_ticket_svg",
        tags=["attendance"],
        responses={(200, "image/svg+xml"): PICTURE, **REFUSALS},
    )
    def svg(self, request: Request, event_id: UUID) -> HttpResponse:
        """The caller's ticket as a QR code, SVG."""
        drawing = draw_ticket(write_ticket(find_own_seat(request, event_id)), "svg")
        return HttpResponse(drawing, content_type="image/svg+xml", headers=NO_STORE)

    @extend_schema(
        operation_id="get_ticket_png",
        tags=["attendance"],
        responses={(200, "image/png"): PICTURE, **REFUSALS},
    )
    def png(self, request: Request, event_id: UUID) -> HttpResponse:
        """The caller's ticket as a QR code, PNG."""
        drawing = draw_ticket(write_ticket(find_own_seat(request, event_id)), "png")
        return HttpResponse(drawing, content_type="image/png", headers=NO_STORE)


def find_own_seat(request: Request, event_id: UUID) -> Registration:
    """The caller's registration with its event. Raises RegistrationNotFound, SeatNotHeld."""
    own = Registration.objects.of_user(principal_of(request).id)
    registration: Registration | None = own.filter(event_id=event_id).select_related("event").first()
    if registration is None:
        raise RegistrationNotFound
    if registration.status in (RegistrationStatus.CANCELLED, RegistrationStatus.WAITLISTED):
        raise SeatNotHeld
    return registration
