"""The URL table of the service, and calls that fail in every way that a real one may."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from meetinity_events import urls
from meetinity_events.errors import DomainError, InvalidFields

FAULTS: dict[str, Callable[[], Exception]] = {
    "bug": lambda: RuntimeError("postgresql://meetinity:s3cret@db/events"),
    "database": lambda: OperationalError("server closed the connection: s3cret"),
    "connection": lambda: InterfaceError("connection already closed: s3cret"),
    "permission": lambda: PermissionDenied("s3cret"),
    "missing": lambda: Http404("s3cret"),
    "rule": DomainError,
    "rule-with-words": lambda: DomainError("The tea is cold.", {"tea": ["Cold."]}),
    "fields": lambda: InvalidFields(details={"title": ["Too long.", "Too loud."]}),
    "nested": lambda: exceptions.ValidationError({"tags": {3: ["Too long."]}, "place": {"city": ["Unknown."]}}),
    "whole": lambda: exceptions.ValidationError("Nothing fits."),
    "throttled": lambda: exceptions.Throttled(wait=12.3),
    "unacceptable": exceptions.NotAcceptable,
    "suspicious": lambda: SuspiciousOperation("s3cret"),
    "unreadable": lambda: BadRequest("s3cret"),
}


class FaultyView(APIView):
    """Fails inside the API's own handling."""

    def get(self, request: Request, fault: str) -> Response:
        raise FAULTS[fault]()


def fail_outside(request: HttpRequest, fault: str) -> HttpResponse:
    """Fails where only Django sees it."""
    raise FAULTS[fault]()


handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    *urls.urlpatterns,
    path("faulty/<str:fault>", FaultyView.as_view()),
    path("outside/<str:fault>", fail_outside),
]
