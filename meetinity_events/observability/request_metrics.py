"""Counts, times and logs every request under its route, so that no id becomes a label and no signed address a line."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.requests")
UNROUTED = "unrouted"
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    """The platform's two metrics of a request, its status, and the autoscaler's `events_processed_total`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.processed = metrics.EVENTS_PROCESSED.labels(settings.SERVICE_NAME)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, counted and logged."""
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        metrics.REQUEST_DURATION.observe(seconds)
        route = f"/{request.resolver_match.route}" if request.resolver_match else UNROUTED
        method = request.method if request.method in KNOWN_METHODS else "OTHER"
        metrics.API_REQUESTS.labels(method, route).inc()
        metrics.API_RESPONSES.labels(response.status_code).inc()
        self.processed.inc()
        facts = {"method": method, "route": route, "status": response.status_code}
        logger.info("request", extra={**facts, "duration_ms": round(seconds * 1000, 1)})
        return response
