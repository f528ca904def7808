"""Counts and times every request under the pattern of its route, so that ids never become label values."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from meetinity_events.observability import metrics

UNROUTED = "unrouted"
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    """`api_requests_total`, `request_duration_seconds`, and the autoscaler's `events_processed_total`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.processed = metrics.EVENTS_PROCESSED.labels(settings.SERVICE_NAME)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, counted."""
        started = time.perf_counter()
        response = self.get_response(request)
        metrics.REQUEST_DURATION.observe(time.perf_counter() - started)
        route = f"/{request.resolver_match.route}" if request.resolver_match else UNROUTED
        method = request.method if request.method in KNOWN_METHODS else "OTHER"
        metrics.API_REQUESTS.labels(method, route).inc()
        self.processed.inc()
        return response
