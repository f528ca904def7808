"""Is the service well? The platform's `/health`, and the two probes of an orchestrator."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache as once
from typing import Any

import urllib3
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from meetinity_events import __version__
from meetinity_events.observability import metrics

FIGURES_KEY = "health:figures"
PLATFORM_FIGURES = ("total_events", "active_events", "total_registrations", "events_today")
FIGURES = (*PLATFORM_FIGURES, "upcoming_events")
# A whole-table count costs as much as the table is long, so that a table of more than 100,000 rows is counted by the
# planner's estimate; the other figures come from an index each.
FIGURES_SQL = """
WITH estimate AS (
    SELECT (SELECT coalesce(sum(c.reltuples), 0) FROM pg_partition_tree('events') p JOIN pg_class c ON c.oid = p.relid
            WHERE p.isleaf)::bigint AS events,
           (SELECT reltuples FROM pg_class WHERE oid = 'event_registrations'::regclass)::bigint AS registrations
)
SELECT CASE WHEN estimate.events > 100000 THEN estimate.events
            ELSE (SELECT count(*) FROM events) END AS total_events,
       (SELECT count(*) FROM events WHERE status = 'active') AS active_events,
       CASE WHEN estimate.registrations > 100000 THEN estimate.registrations
            ELSE (SELECT count(*) FROM event_registrations) END AS total_registrations,
       (SELECT count(*) FROM events WHERE start_date >= date_trunc('day', now(), 'UTC')
            AND start_date < date_trunc('day', now(), 'UTC') + interval '1 day') AS events_today,
       (SELECT count(*) FROM events WHERE status = 'active' AND start_date > now()) AS upcoming_events
FROM estimate
"""


@dataclass
class Probe:
    """One dependency, asked at most every HEALTH_PROBE_SECONDS by this process."""

    ask: Callable[[], bool]
    asked_at: float = float("-inf")
    is_up: bool = False

    def state(self) -> str:
        """`up` or `down`, as the platform's document spells it."""
        if time.monotonic() - self.asked_at > settings.HEALTH_PROBE_SECONDS:
            self.is_up = self.ask()
            self.asked_at = time.monotonic()
        return "up" if self.is_up else "down"


def ask_kafka() -> bool:
    """True when a broker answers a metadata request."""
    try:
        kafka_client().list_topics(timeout=settings.HEALTH_PROBE_TIMEOUT_SECONDS)
    except KafkaException:
        return False
    return True


def ask_user_service() -> bool:
    """True when anything there speaks HTTP and is not failing."""
    try:
        response = http_client().request("GET", f"{settings.USER_SERVICE_URL}/health")
    except urllib3.exceptions.HTTPError:
        return False
    return response.status < 500


@once
def kafka_client() -> AdminClient:
    """One a process, made after the fork."""
    return AdminClient({"bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS, "log_level": 0})


@once
def http_client() -> urllib3.PoolManager:
    """One a process."""
    return urllib3.PoolManager(timeout=settings.HEALTH_PROBE_TIMEOUT_SECONDS, retries=False)


@once
def executor() -> ThreadPoolExecutor:
    """Asks the neighbours side by side, so that two silent ones cost one timeout."""
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="health")


KAFKA, USER_SERVICE = Probe(ask_kafka), Probe(ask_user_service)


def read_figures() -> dict[str, int]:
    """Counts at most HEALTH_FIGURES_SECONDS old; also sets the two gauges. Raises DatabaseError."""
    figures: dict[str, int] | None = cache.get(FIGURES_KEY)
    with connection.cursor() as cursor:
        if figures is None:
            cursor.execute(FIGURES_SQL)
            figures = dict(zip(FIGURES, cursor.fetchone(), strict=True))
            cache.set(FIGURES_KEY, figures, settings.HEALTH_FIGURES_SECONDS)
        else:
            cursor.execute("SELECT 1")
    metrics.ACTIVE_EVENTS.set(figures["active_events"])
    metrics.UPCOMING_EVENTS.set(figures["upcoming_events"])
    return figures


def health(request: HttpRequest) -> HttpResponse:
    """Always 200, in the platform's shape: the gateway opens its circuit on a 5xx, and a restart mends no database.

    `status` is `ok` while the database answers; every dependency that is away is `down` in the body.
    """
    neighbours = executor().map(Probe.state, (KAFKA, USER_SERVICE))
    try:
        figures, database = read_figures(), "up"
    except (DatabaseError, InterfaceError):
        figures, database = dict.fromkeys(FIGURES, 0), "down"
    kafka, user_service = neighbours
    body: dict[str, Any] = {
        "status": "ok" if database == "up" else "degraded",
        "service": settings.SERVICE_NAME,
        "version": __version__,
        "dependencies": {"database": database, "kafka": kafka, "user_service": user_service},
        "metrics": {name: figures[name] for name in PLATFORM_FIGURES},
    }
    return JsonResponse(body)


def alive(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Readiness: 503 while the database does not answer, since no request could be served."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return JsonResponse({"status": "database down"}, status=503)
    return JsonResponse({"status": "ok"})
