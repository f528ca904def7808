"""Events over HTTP: parse, call one service, render."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.examples import CANCELLATION, NEW_EVENT
from events.api.reads import EventReads, read_detail
from events.api.serializers import CancelInput, EventDetailBody, EventInput, NewEventInput
from events.api.versions import ETAG, IF_MATCH, read_versions
from events.services.create_event import create_event
from events.services.publish_event import publish_event
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from meetinity_events.api.principal import Principal
from registrations.services.cancel_event import cancel_event
from registrations.services.complete_event import complete_event
from registrations.services.delete_event import delete_event
from registrations.services.update_event import update_event


class EventViewSet(EventReads):
    """The life of an event."""

    rate_limits: ClassVar[dict[str, str]] = {"list": "browse", "retrieve": "browse", "create": "create"}

    @extend_schema(
        operation_id="create_event",
        tags=["events"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED, ETAG],
        request=NewEventInput,
        examples=[NEW_EVENT],
        responses={201: EventDetailBody, **refusals(400, 401, 403, 409, 413, 415, 422, 424, 429)},
    )
    def create(self, request: Request) -> Response:
        """Create an event, active at once unless `status` is draft; the caller organises it."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            fields = validated(NewEventInput(data=request.data))
            category = fields.pop("category")
            event = create_event(organiser=caller, fields=fields, category=category, replay=replay)
            return detail(event.id, caller, status.HTTP_201_CREATED)

        return answer_once(request, do, partial(as_seen_by, caller))

    @extend_schema(
        operation_id="update_event",
        tags=["events"],
        parameters=[IF_MATCH, ETAG],
        request=EventInput(partial=True),
        responses={200: EventDetailBody, **refusals(400, 401, 403, 404, 409, 412, 413, 415, 422)},
    )
    def partial_update(self, request: Request, event_id: UUID) -> Response:
        """Change some fields; for the organiser or an admin."""
        return change(request, event_id)

    @extend_schema(
        operation_id="replace_event",
        tags=["events"],
        parameters=[IF_MATCH, ETAG],
        request=EventInput(partial=True),
        responses={200: EventDetailBody, **refusals(400, 401, 403, 404, 409, 412, 413, 415, 422)},
    )
    def update(self, request: Request, event_id: UUID) -> Response:
        """The same as PATCH: a client that does not know a field must not erase it."""
        return change(request, event_id)

    @extend_schema(
        operation_id="delete_event",
        tags=["events"],
        parameters=[IF_MATCH],
        responses={204: None, **refusals(401, 403, 404, 409, 412)},
    )
    def destroy(self, request: Request, event_id: UUID) -> Response:
        """Delete an event that nobody ever registered for; cancel any other."""
        versions = read_versions(request.headers.get("If-Match"), event_id)
        delete_event(event_id=event_id, caller=principal_of(request), versions=versions)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="publish_event",
        tags=["events"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED, ETAG],
        request=None,
        responses={200: EventDetailBody, **refusals(401, 403, 404, 409, 413, 422)},
    )
    def publish(self, request: Request, event_id: UUID) -> Response:
        """Open a draft to everybody; a repeat answers the same and says nothing new."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            publish_event(event_id=event_id, caller=caller, replay=replay)
            return detail(event_id, caller)

        return answer_once(request, do, partial(as_seen_by, caller))

    @extend_schema(
        operation_id="complete_event",
        tags=["events"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED, ETAG],
        request=None,
        responses={200: EventDetailBody, **refusals(401, 403, 404, 409, 413, 422)},
    )
    def complete(self, request: Request, event_id: UUID) -> Response:
        """Close an event that has started; a repeat answers the same and says nothing new."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            complete_event(event_id=event_id, caller=caller, replay=replay)
            return detail(event_id, caller)

        return answer_once(request, do, partial(as_seen_by, caller))

    @extend_schema(
        operation_id="cancel_event",
        tags=["events"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED, ETAG],
        request=CancelInput,
        examples=[CANCELLATION],
        responses={200: EventDetailBody, **refusals(400, 401, 403, 404, 409, 413, 415, 422)},
    )
    def cancel(self, request: Request, event_id: UUID) -> Response:
        """End the event and all its registrations; a repeat answers the same and says nothing new."""
        caller = principal_of(request)

        def do(replay: ReplayKey | None) -> Response:
            fields = validated(CancelInput(data=request.data))
            cancel_event(event_id=event_id, caller=caller, reason=fields["reason"], replay=replay)
            return detail(event_id, caller)

        return answer_once(request, do, partial(as_seen_by, caller))


def validated(body: Any) -> dict[str, Any]:
    """The fields of a request body; raises ValidationError (422)."""
    body.is_valid(raise_exception=True)
    fields: dict[str, Any] = body.validated_data
    return fields


def change(request: Request, event_id: UUID) -> Response:
    """Apply the fields of the body and answer the event as it is then."""
    changes = validated(EventInput(data=request.data, partial=True))
    category = changes.pop("category", None)
    caller = principal_of(request)
    versions = read_versions(request.headers.get("If-Match"), event_id)
    update_event(event_id=event_id, editor=caller, changes=changes, category=category, versions=versions)
    return detail(event_id, caller)


def as_seen_by(caller: Principal, event_id: UUID, http_status: int) -> Response:
    """The event for the repeat of a request that made or changed it."""
    return detail(event_id, caller, http_status)


def detail(event_id: UUID, caller: Principal, http_status: int = status.HTTP_200_OK) -> Response:
    """The event as this caller sees it. One query."""
    body, etag = read_detail(event_id, caller)
    return Response(body, status=http_status, headers={"ETag": etag})
