"""The service's URL table, and the least that Django can answer through the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from meetinity_events import urls as service


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing."""
    return HttpResponse()


urlpatterns = [path("benchmarks/empty", empty), *service.urlpatterns]
