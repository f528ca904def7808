"""Images of events over HTTP: sent and removed by the organiser, read by anybody who knows the address."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.api.serializers import EventDetailBody
from events.api.versions import ETAG, IF_MATCH, read_versions
from events.api.views import as_seen_by, detail, validated
from events.images.files import open_file
from events.images.names import CONTENT_TYPES
from events.services.attach_image import attach_image
from events.services.remove_image import remove_image
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import answer_header, refusals
from meetinity_events.api.serializers import StrictSerializer

FILES: dict[Any, Any] = {(200, content_type): OpenApiTypes.BINARY for content_type in CONTENT_TYPES.values()}
HEADERS = {
    # A name never gets another content.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@extend_schema_field(OpenApiTypes.BINARY)
class UploadField(serializers.FileField):
    """One file; without content it is refused."""


class ImageInput(StrictSerializer):
    """`POST /events/{id}/image`."""

    image = UploadField(help_text="A JPEG, PNG or GIF by its content")


class ImageViewSet(ViewSet):
    """The image of an event."""

    parser_classes = (MultiPartParser,)
    rate_limits: ClassVar[dict[str, str]] = {"attach": "upload"}

    @extend_schema(
        operation_id="attach_image",
        tags=["images"],
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, REPLAYED, ETAG],
        request={"multipart/form-data": ImageInput},
        responses={200: EventDetailBody, **refusals(400, 401, 403, 404, 409, 412, 413, 415, 422, 424, 429)},
    )
    def attach(self, request: Request, event_id: UUID) -> Response:
        """Replace the image by a new one, decoded and written anew in three sizes; for the organiser or an admin."""
        caller = principal_of(request)
        versions = read_versions(request.headers.get("If-Match"), event_id)
        upload = validated(ImageInput(data=request.data))["image"]

        def do(replay: ReplayKey | None) -> Response:
            attach_image(event_id=event_id, editor=caller, upload=upload, versions=versions, replay=replay)
            return detail(event_id, caller)

        return answer_once(request, do, partial(as_seen_by, caller))

    @extend_schema(
        operation_id="remove_image",
        tags=["images"],
        parameters=[IF_MATCH, ETAG],
        responses={200: EventDetailBody, **refusals(401, 403, 404, 409, 412)},
    )
    def remove(self, request: Request, event_id: UUID) -> Response:
        """Leave the event without an image; a repeat answers the same. For the organiser or an admin."""
        caller = principal_of(request)
        versions = read_versions(request.headers.get("If-Match"), event_id)
        remove_image(event_id=event_id, editor=caller, versions=versions)
        return detail(event_id, caller)


class ImageFileViewSet(ViewSet):
    """The files, for whoever knows their names."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="get_image",
        tags=["images"],
        parameters=[answer_header("Cache-Control", str, "A year: a name never gets another content", [200])],
        responses={**FILES, **refusals(404, 424)},
    )
    def retrieve(self, request: Request, name: str) -> FileResponse:
        """`{id}.jpg`, at most 1600 pixels wide and high, `{id}.medium.jpg` (800) or `{id}.thumbnail.jpg` (320)."""
        file = open_file(name)
        if file is None:
            raise Http404
        content_type = CONTENT_TYPES[name.rpartition(".")[2]]
        headers = {**HEADERS, "Content-Length": str(file.size)}
        return FileResponse(file, content_type=content_type, headers=headers)
