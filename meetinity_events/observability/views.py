"""The scrape address."""

from django.http import HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics of all processes that share PROMETHEUS_MULTIPROC_DIR, in Prometheus' text format."""
    response: HttpResponse = ExportToDjangoView(request)
    return response
