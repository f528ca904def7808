"""The scrape address: metrics of all processes of a machine, beside what only the database knows."""

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView

from integrations.outbox.backlog import measure_backlog
from meetinity_events.health import read_figures
from meetinity_events.heartbeat import last_signs
from meetinity_events.observability import metrics
from registrations.models import SeatCheck


def scrape(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, from every process that shares PROMETHEUS_MULTIPROC_DIR.

    The gauges are read as it is asked; with the database away they keep their last value.
    """
    try:
        read_figures()
        set_backlog()
        set_seat_drift()
    except (DatabaseError, InterfaceError):
        metrics.SCRAPES_WITHOUT_DATABASE.inc()
    for worker, moment in last_signs().items():
        metrics.WORKER_HEARTBEAT.labels(worker).set(moment)
    response: HttpResponse = ExportToDjangoView(request)
    return response


def set_backlog() -> None:
    """The gauges of the outbox and of the dead letters."""
    backlog = measure_backlog()
    metrics.OUTBOX_PENDING.set(backlog.pending)
    metrics.OUTBOX_OLDEST.set(backlog.oldest_seconds)
    metrics.DEAD_LETTERS.set(backlog.dead_letters)
    metrics.MATCHING_PENDING.set(backlog.matching_pending)


def set_seat_drift() -> None:
    """The gauges of the last check of the seats; before the first one they stay at zero."""
    check = SeatCheck.objects.order_by("-id").first()
    if check is not None:
        metrics.SEAT_DRIFT.set(check.drifted - check.corrected)
        metrics.SEAT_CHECKED.set(check.checked_at.timestamp())
