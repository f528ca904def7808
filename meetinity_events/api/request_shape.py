"""What every request may look like, before a view sees it: an optional trailing slash, and a bounded body."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from meetinity_events.api.errors import refuse

WITH_SLASH = ("/admin/", "/static/")


class RequestShapeMiddleware:
    """Drops a trailing slash instead of redirecting; refuses a body of unknown (411) or too great a length (413)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The next middleware's answer, or a refusal."""
        if request.path_info.endswith("/") and not request.path_info.startswith(WITH_SLASH):
            request.path_info = request.path_info.rstrip("/") or "/"
        if "Transfer-Encoding" in request.headers:
            # WSGI hands Django no body without a length: it would be lost in silence.
            return refuse(HTTPStatus.LENGTH_REQUIRED, "Send the body with its Content-Length.")
        if announced_length(request) > body_limit(request):
            return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
        return self.get_response(request)


def announced_length(request: HttpRequest) -> int:
    """Bytes of the body, read as Django reads it: what is no number means none."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def body_limit(request: HttpRequest) -> int:
    """Bytes: MAX_CONTENT_LENGTH for a multipart upload, 1 MiB for anything else."""
    is_upload = (request.content_type or "").startswith("multipart/")
    return settings.MAX_CONTENT_LENGTH if is_upload else settings.MAX_JSON_BYTES
