"""What every request may look like, before a view sees it: an optional trailing slash, and a bounded body."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from meetinity_events.api.errors import envelope

WITH_SLASH = ("/admin/", "/static/")


class RequestShapeMiddleware:
    """Drops a trailing slash instead of redirecting; refuses a body that is too large by its announced length (413)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The next middleware's answer, or 413."""
        if request.path_info.endswith("/") and not request.path_info.startswith(WITH_SLASH):
            request.path_info = request.path_info.rstrip("/") or "/"
        if int(request.META.get("CONTENT_LENGTH") or 0) > body_limit(request):
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return JsonResponse(envelope(status, "The body is too large."), status=status)
        return self.get_response(request)


def body_limit(request: HttpRequest) -> int:
    """Bytes: MAX_CONTENT_LENGTH for a multipart upload, 1 MiB for anything else."""
    is_upload = (request.content_type or "").startswith("multipart/")
    return settings.MAX_CONTENT_LENGTH if is_upload else settings.MAX_JSON_BYTES
