"""What every call's OpenAPI description shares."""

from collections.abc import Mapping
from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

SENTENCES = {
    400: "The body cannot be parsed.",
    401: "The token is missing or bad.",
    403: "The caller may not do this.",
    404: "There is no such thing, or not for this caller.",
    409: "A rule refuses; `details.reason` names it.",
    410: "The cursor is too old; begin again without one.",
    412: "`If-Match` names another version.",
    413: "The body is too large.",
    415: "The body is not of a kind that this call reads.",
    422: "Fields are invalid; `details` names them.",
    424: "A neighbour cannot be asked, and without it this is not done; `details.reason` names it.",
    429: "The hourly limit is used up; see `Retry-After`.",
    503: "PostgreSQL does not answer, or a lock did not come in time; see `Retry-After`.",
}


class ErrorBody(serializers.Serializer[object]):
    """The inner part of every refusal."""

    code = serializers.IntegerField()
    message = serializers.CharField()
    details = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class ErrorEnvelope(serializers.Serializer[object]):
    """Every refusal."""

    error = ErrorBody()


PAGING = [
    OpenApiParameter("page", int, description="From 1; with `page_size`"),
    OpenApiParameter("page_size", int, description="Larger than the deployment's largest is clamped"),
    OpenApiParameter("cursor", str, description="`next_cursor` of the page before; instead of `page`"),
    OpenApiParameter("limit", int, description="With `offset`, instead of `page` and `page_size`"),
    OpenApiParameter("offset", int, description="From 0"),
]


def answer_header(name: str, kind: type, description: str, statuses: bool | list[int] = True) -> OpenApiParameter:
    """A header of the answers with these statuses, or of all."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=statuses)


REQUEST_ID = answer_header("X-Request-ID", str, "The request's own, or one that was made for it")
RETRY_AFTER = answer_header("Retry-After", int, "Seconds", [424, 429, 503])
RATE_LIMIT = [
    answer_header("RateLimit-Limit", int, "Requests that this user may send in an hour"),
    answer_header("RateLimit-Remaining", int, "How many of them are left"),
    answer_header("RateLimit-Reset", int, "Seconds until the hour is over"),
]
ALIASES = ("/api/", "/events/events")


def drop_aliases(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """drf-spectacular's hook: each call is documented once, under the address that the gateway forwards to."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(ALIASES)]


def refusals(*statuses: int) -> Mapping[int, OpenApiResponse]:
    """The `responses` entries of these refusals and of 503."""
    return {status: OpenApiResponse(ErrorEnvelope, description=SENTENCES[status]) for status in (*statuses, 503)}


class PageSchema(AutoSchema):
    """Describes a list as what it is here: one page, an object, narrowed by the view's `filterset_class`.

    Adds the headers that answers share.
    """

    def get_override_parameters(self) -> list[Any]:
        """The headers of every call, and those of a limited one."""
        is_limited = self.view.action in getattr(self.view, "rate_limits", {})
        return [REQUEST_ID, RETRY_AFTER, *(RATE_LIMIT if is_limited else [])]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Spectacular takes every action called `list` for an array; only a serializer with `many` is one."""
        return bool(is_list_serializer(self.get_response_serializers() if serializer is None else serializer))

    def get_filter_backends(self) -> list[Any]:
        """The filters of an action that lists, by its name."""
        is_filtered = self.view.action.startswith("list") and hasattr(self.view, "filterset_class")
        return [DjangoFilterBackend] if is_filtered else []
