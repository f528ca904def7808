"""The change feed over HTTP, for other services of the platform that do not read Kafka."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from integrations.kafka.envelope import build_cloud_event
from integrations.models import OutboxMessage
from integrations.outbox.changes import read_changes
from meetinity_events.api.openapi import refusals
from meetinity_events.api.pagination import read_whole
from meetinity_events.api.permissions import IsAdminOrService

USUAL_SIZE, LARGEST_SIZE = 100, 1000
EXAMPLE = {
    "changes": [
        {
            "specversion": "1.0",
            "id": "1017",
            "type": "event.deleted",
            "source": "/event-service",
            "time": "2026-10-15T18:00:00Z",
            "subject": "0199e9a2-6d0d-7a0c-9d5f-0b6d5cbb9a11",
            "datacontenttype": "application/json",
            "data": {
                "event_type": "event.deleted",
                "event_id": "0199e9a2-6d0d-7a0c-9d5f-0b6d5cbb9a11",
                "timestamp": "2026-10-15T18:00:00Z",
            },
        }
    ],
    "next_cursor": "WzEsIjIwMjYtMTAtMTUiXQ:1v2:x",
    "has_more": False,
}


class CloudEventBody(serializers.Serializer[Any]):
    """A message as Kafka has it: CloudEvents 1.0 in its JSON format."""

    specversion = serializers.CharField()
    id = serializers.CharField(help_text="`ce_id` of Kafka's message; a repeat carries the same one")
    type = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF has a setting of this name
    time = serializers.DateTimeField()
    subject = serializers.CharField(help_text="The event's id, Kafka's key")
    datacontenttype = serializers.CharField()
    data = serializers.DictField(help_text="The message, by its schema in docs/messages")  # type: ignore[assignment]
    traceparent = serializers.CharField(required=False)


class ChangesBody(serializers.Serializer[Any]):
    """`GET /events/changes`."""

    changes = CloudEventBody(many=True)
    next_cursor = serializers.CharField(help_text="For the next call, also when there is nothing more yet")
    has_more = serializers.BooleanField()


class ChangeViewSet(ViewSet):
    """What happened, in order."""

    permission_classes = (IsAdminOrService,)
    queryset: ClassVar[QuerySet[OutboxMessage]] = OutboxMessage.objects.none()

    @extend_schema(
        operation_id="list_changes",
        tags=["changes"],
        parameters=[
            OpenApiParameter("cursor", str, description="`next_cursor` of the call before; absent: from six days ago"),
            OpenApiParameter("limit", int, description=f"{USUAL_SIZE} unless said, {LARGEST_SIZE} at most"),
        ],
        examples=[OpenApiExample("An event was deleted", EXAMPLE, response_only=True)],
        responses={200: ChangesBody, **refusals(401, 403, 410, 422)},
    )
    def list(self, request: Request) -> Response:
        """The messages behind the cursor, as Kafka was told them; at least once, in order for each event."""
        size = min(read_whole(request.query_params, "limit", USUAL_SIZE), LARGEST_SIZE)
        found = read_changes(cursor=request.query_params.get("cursor") or None, size=size)
        changes = [write_change(message) for message in found.messages]
        return Response({"changes": changes, "next_cursor": found.next_cursor, "has_more": found.has_more})


def write_change(message: OutboxMessage) -> dict[str, object]:
    """A message of the outbox as its readers get it."""
    return build_cloud_event(
        message_id=message.id,
        message_type=message.message_type,
        subject=message.key,
        created_at=message.created_at,
        data=message.payload,
        extra=message.headers,
    )
