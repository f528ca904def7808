"""The scrape address of a process that serves nothing else."""

import os

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def serve_metrics(address: str, port: int) -> None:
    """Answer `GET /metrics` from a thread of this process until it ends. Raises OSError when the port is taken.

    With PROMETHEUS_MULTIPROC_DIR the answer holds every process that shares it, as the web's own does.
    """
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    start_http_server(port, address, registry)
