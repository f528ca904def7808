"""Registrations over HTTP: parse, call one service, render."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.api.dialects.canonical import SELECTED, event_body
from events.models import Event
from events.ownership import require_organiser
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.pagination import Ordering, Row, read_page
from meetinity_events.api.principal import Principal
from registrations.api.filters import FIRST_COME, LATEST_FIRST, RegistrationFilters
from registrations.api.profiles import find_profiles
from registrations.api.serializers import (
    OwnRegistrationPage,
    PlaceBody,
    RegistrationBody,
    RegistrationInput,
    RegistrationPage,
)
from registrations.models import Registration, RegistrationStatus
from registrations.services.cancel_registration import cancel_registration
from registrations.services.register_user import register_user

COLUMNS = ("id", "event_id", "user_id", "status", "registration_data", "registered_at", "updated_at")


class RegistrationViewSet(ViewSet):
    """Who takes part."""

    rate_limits: ClassVar[dict[str, str]] = {"register": "register"}
    queryset: ClassVar[QuerySet[Registration]] = Registration.objects.none()
    filterset_class = RegistrationFilters

    @extend_schema(
        operation_id="register",
        tags=["registrations"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=RegistrationInput,
        examples=[OpenApiExample("With answers", {"registration_data": {"diet": "vegan"}}, request_only=True)],
        responses={201: RegistrationBody, 202: PlaceBody, **refusals(400, 401, 403, 404, 409, 413, 415, 422, 424, 429)},
    )
    def register(self, request: Request, event_id: UUID) -> Response:
        """Take a seat for the caller (201), or a place on the waitlist of a full event (202)."""
        user = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            body = RegistrationInput(data=request.data)
            body.is_valid(raise_exception=True)
            answers, may_wait = body.validated_data.get("registration_data"), body.validated_data["waitlist"]
            registration = register_user(
                event_id=event_id, user=user, registration_data=answers, may_wait=may_wait, replay=replay
            )
            is_waiting = registration.status == RegistrationStatus.WAITLISTED
            return render(registration, status.HTTP_202_ACCEPTED if is_waiting else status.HTTP_201_CREATED)

        return answer_once(request, do, partial(own_registration, user))

    @extend_schema(
        operation_id="unregister",
        tags=["registrations"],
        request=None,
        responses={200: RegistrationBody, **refusals(401, 403, 404, 409)},
    )
    def unregister(self, request: Request, event_id: UUID) -> Response:
        """Give the caller's seat back, or leave the waitlist; a repeat answers the same."""
        return leave(event_id, principal_of(request), None)

    @extend_schema(
        operation_id="unregister_by_post",
        tags=["registrations"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=None,
        responses={200: RegistrationBody, **refusals(401, 403, 404, 409, 413, 422)},
    )
    def unregister_by_post(self, request: Request, event_id: UUID) -> Response:
        """The same for clients that cannot send DELETE."""
        user = principal_of(request)
        return answer_once(request, partial(leave, event_id, user), partial(own_registration, user))

    @extend_schema(
        operation_id="list_registrations",
        tags=["registrations"],
        parameters=PAGING,
        responses={200: RegistrationPage, **refusals(401, 403, 404, 422)},
    )
    def list(self, request: Request, event_id: UUID) -> Response:
        """Who registered, first come first, beside what user-service tells of them; for the organiser or an admin."""
        caller = principal_of(request)
        require_organiser(Event.objects.find(event_id), caller)
        rows, paging = read_registrations(request, Registration.objects.filter(event_id=event_id), FIRST_COME, COLUMNS)
        profiles = find_profiles((row["user_id"] for row in rows), token=caller.token, in_full=True)
        named = [{**row, "attendee": profiles[row["user_id"]]} for row in rows]
        return Response({"registrations": named, **paging})

    @extend_schema(
        operation_id="list_own_registrations",
        tags=["registrations"],
        parameters=PAGING,
        responses={200: OwnRegistrationPage, **refusals(401, 403, 422)},
    )
    def list_own(self, request: Request, user_id: UUID) -> Response:
        """What the user registered for, latest first, each beside its event; for the user or an admin."""
        if not principal_of(request).may_act_for(user_id):
            raise PermissionDenied("Only the user or an admin may see this.")
        columns = (*COLUMNS, *(f"event__{name}" for name in SELECTED))
        rows, paging = read_registrations(request, Registration.objects.of_user(user_id), LATEST_FIRST, columns)
        return Response({"registrations": [beside_its_event(row) for row in rows], **paging})


def leave(event_id: UUID, user: Principal, replay: ReplayKey | None) -> Response:
    """The cancelled registration of the caller."""
    registration = cancel_registration(event_id=event_id, user_id=user.id, replay=replay)
    return Response(RegistrationBody(registration).data)


def own_registration(user: Principal, event_id: UUID, http_status: int) -> Response:
    """The caller's registration for the repeat of a request that made or changed it."""
    return render(Registration.objects.of_user(user.id).get(event_id=event_id), http_status)


def render(registration: Registration, http_status: int) -> Response:
    """A registration, and where it waits under 202."""
    body: dict[str, Any] = RegistrationBody(registration).data
    if http_status == status.HTTP_202_ACCEPTED:
        place = Registration.objects.waiting(registration.event_id).filter(pk=registration.pk).first()
        body = {**body, "position": getattr(place, "position", None)}
    return Response(body, status=http_status)


def read_registrations(
    request: Request, registrations: QuerySet[Registration], ordering: Ordering, columns: tuple[str, ...]
) -> tuple[list[Row], Row]:
    """One page of the registrations that the filters leave."""
    filters = RegistrationFilters(request.query_params, queryset=registrations)
    if not filters.is_valid():
        raise ValidationError(filters.errors)
    return read_page(filters.qs, request.query_params, ordering, columns)


def beside_its_event(row: Row) -> Row:
    """The registration with the event that the same row carries."""
    event = event_body({name: row[f"event__{name}"] for name in SELECTED})
    return {**{name: row[name] for name in COLUMNS}, "event": event}
