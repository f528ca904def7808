"""The list of registrations as a file, over HTTP."""

from typing import Any, TypeVar
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import answer_header, refusals
from meetinity_events.errors import InvalidFields
from registrations.export import CONTENT_TYPES, FileFormat, export_registrations
from registrations.models import RegistrationStatus

Choice = TypeVar("Choice", FileFormat, RegistrationStatus)
PARAMETERS = [
    OpenApiParameter("format", str, enum=FileFormat.values, default=FileFormat.CSV.value),
    OpenApiParameter("status", str, enum=RegistrationStatus.values, description="Only registrations in this state"),
    answer_header("Content-Disposition", str, "The file's name, made of the event's title", [200]),
]
FILES: dict[Any, Any] = {(200, content_type): OpenApiTypes.BINARY for content_type in CONTENT_TYPES.values()}


class ExportViewSet(ViewSet):
    """Files for the organiser."""

    @extend_schema(
        operation_id="export_registrations",
        tags=["registrations"],
        parameters=PARAMETERS,
        responses={**FILES, **refusals(401, 403, 404, 422)},
    )
    def retrieve(self, request: Request, event_id: UUID) -> FileResponse:
        """Every registration as CSV or XLSX, first come first, one column an answer; for the organiser or an admin."""
        exported = export_registrations(
            event_id=event_id,
            caller=principal_of(request),
            file_format=read_choice(request, "format", FileFormat) or FileFormat.CSV,
            status=read_choice(request, "status", RegistrationStatus),
        )
        return FileResponse(
            exported.file,
            as_attachment=True,
            filename=exported.name,
            content_type=exported.content_type,
            headers={"Cache-Control": "no-store"},
        )


def read_choice(request: Request, name: str, choices: type[Choice]) -> Choice | None:
    """The parameter as one of the choices; None where it is absent or empty. Raises InvalidFields."""
    given = request.query_params.get(name)
    if not given:
        return None
    if given not in choices.values:
        raise InvalidFields(details={name: [f"Choose one of {', '.join(choices.values)}."]})
    return choices(given)
