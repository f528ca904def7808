"""One guest over HTTP: the record of a registration, the answers in it, and its check-in."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.ownership import require_organiser
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from meetinity_events.api.principal import Principal
from registrations.api.attendance_serializers import (
    CheckedInBody,
    CheckInInput,
    GuestBody,
    OwnGuestBody,
    RegistrationChange,
)
from registrations.errors import RegistrationNotFound
from registrations.models import Registration
from registrations.services.check_in import check_in
from registrations.services.undo_check_in import undo_check_in
from registrations.services.update_registration import update_registration


class GuestViewSet(ViewSet):
    """Who stands at the door."""

    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()

    @extend_schema(
        operation_id="get_registration",
        tags=["registrations"],
        responses={200: GuestBody, **refusals(401, 403, 404)},
    )
    def retrieve(self, request: Request, event_id: UUID, registration_id: UUID) -> Response:
        """One registration with its check-in, for the guest, the organiser or an admin."""
        caller = principal_of(request)
        found = Registration.objects.filter(event_id=event_id, pk=registration_id).select_related("event").first()
        if found is None:
            raise RegistrationNotFound
        if found.user_id != caller.id:
            require_organiser(found.event, caller)
        return Response(as_seen_by(caller, found))

    @extend_schema(
        operation_id="update_registration",
        tags=["registrations"],
        request=RegistrationChange,
        responses={200: GuestBody, **refusals(400, 401, 403, 404, 409, 413, 415, 422)},
    )
    def partial_update(self, request: Request, event_id: UUID, registration_id: UUID) -> Response:
        """Change the answers given on registering, for the guest, the organiser or an admin, until the event starts."""
        caller = principal_of(request)
        body = RegistrationChange(data=request.data)
        body.is_valid(raise_exception=True)
        registration = update_registration(
            event_id=event_id, registration_id=registration_id, caller=caller, **body.validated_data
        )
        return Response(as_seen_by(caller, registration))

    @extend_schema(
        operation_id="check_in",
        tags=["attendance"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=CheckInInput,
        examples=[
            OpenApiExample("By ticket", {"token": "AZolaJp4cVSqq1rV2s7v7g.1.Ff6f..."}, request_only=True),
            OpenApiExample("By name", {"user_id": 102}, request_only=True),
        ],
        responses={
            200: CheckedInBody,
            201: CheckedInBody,
            **refusals(400, 401, 403, 404, 409, 413, 415, 422),
        },
    )
    def check_in(self, request: Request, event_id: UUID) -> Response:
        """Check a guest in by ticket or user id, for the organiser or an admin: 201, and 200 for each later scan."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            body = CheckInInput(data=request.data)
            body.is_valid(raise_exception=True)
            done = check_in(event_id=event_id, caller=caller, replay=replay, **body.validated_data)
            return checked_in(done.registration, status.HTTP_201_CREATED if done.is_first else status.HTTP_200_OK)

        return answer_once(request, do, lambda guest_id, code: checked_in(Registration.objects.get(pk=guest_id), code))

    @extend_schema(
        operation_id="undo_check_in",
        tags=["attendance"],
        request=None,
        responses={200: GuestBody, **refusals(401, 403, 404, 409)},
    )
    def undo_check_in(self, request: Request, event_id: UUID, registration_id: UUID) -> Response:
        """Take a check-in back, for the organiser or an admin; a repeat answers the same."""
        caller = principal_of(request)
        registration = undo_check_in(event_id=event_id, registration_id=registration_id, caller=caller)
        return Response(GuestBody(registration).data)


def as_seen_by(caller: Principal, registration: Registration) -> object:
    """The whole of it for whoever may act for the organiser; guests are not told who let them in."""
    is_organiser = caller.may_act_for(registration.event.created_by)
    return (GuestBody if is_organiser else OwnGuestBody)(registration).data


def checked_in(registration: Registration, http_status: int) -> Response:
    """The guest as they are now; 201 stands for the request that checked them in."""
    body = {**GuestBody(registration).data, "already_checked_in": http_status != status.HTTP_201_CREATED}
    return Response(body, status=http_status)
