"""The service's URL table, and the least that Django can answer through the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.orm_registration import OrmRegistrationViewSet
from meetinity_events import urls as service


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing."""
    return HttpResponse()


urlpatterns = [
    path("benchmarks/empty", empty),
    path("benchmarks/orm/<uuid:event_id>/register", OrmRegistrationViewSet.as_view({"post": "register"})),
    *service.urlpatterns,
]
