"""A scrape tells of all workers, whichever of them answers it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from prometheus_client.parser import text_string_to_metric_families

from tests.observability.conftest import WatchedService


@contextmanager
def asleep(worker: psutil.Process) -> Iterator[None]:
    """While the block runs, only the other worker can answer."""
    worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def count_requests(service: WatchedService, endpoint: str) -> float:
    text = service.request("/metrics").data.decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "api_requests_total" and sample.labels["endpoint"] == endpoint
    )


def test_a_scrape_of_either_worker_counts_the_requests_of_both(service: WatchedService) -> None:
    first, second = service.workers()
    before = count_requests(service, "/healthz")

    with asleep(second):
        for _ in range(3):
            service.request("/healthz")
        after_first = count_requests(service, "/healthz") - before
    with asleep(first):
        for _ in range(4):
            service.request("/healthz")
        seen_by_second = count_requests(service, "/healthz") - before
    with asleep(second):
        seen_by_first = count_requests(service, "/healthz") - before

    assert (after_first, seen_by_second, seen_by_first) == (3, 7, 7)


def test_what_a_worker_counted_outlives_it(service: WatchedService) -> None:
    first, second = service.workers()
    before = count_requests(service, "/docs")
    with asleep(second):
        service.request("/docs")

    assert service.kill_a_worker() == first
    assert count_requests(service, "/docs") - before == 1
