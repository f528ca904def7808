"""The scrape address of a process that serves nothing else."""

import os

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def serve_metrics(variable: str) -> None:
    """Answer `GET /metrics` on the port that the setting names, from a thread of this process; 0 is no port.

    With PROMETHEUS_MULTIPROC_DIR the answer holds every process that shares it, as the web's own does. Raises
    SystemExit with one line when the port is taken.
    """
    port: int = getattr(settings, variable)
    if not port:
        return
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    try:
        start_http_server(port, settings.BIND_ADDRESS, registry)
    except OSError as error:
        raise SystemExit(f"{variable}: port {port} cannot be used: {error.strerror}") from None
