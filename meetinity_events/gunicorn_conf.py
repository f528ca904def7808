"""How gunicorn serves: `gunicorn -c python:meetinity_events.gunicorn_conf meetinity_events.wsgi:application`."""

import os
from typing import Any

from prometheus_client import multiprocess

from meetinity_events import settings

bind = f"{settings.BIND_ADDRESS}:{settings.APP_PORT}"
workers = settings.WEB_WORKERS
worker_class = "gthread"
threads = settings.WEB_THREADS
preload_app = True
timeout = 30
graceful_timeout = 10
keepalive = 65  # longer than the gateway keeps its own side open, so that it never writes into a closed one
loglevel = "warning"
control_socket_disable = True  # it would lie in the home of an account that may have none
accesslog = None  # the service logs each request itself, as JSON with its id


def child_exit(server: Any, worker: Any) -> None:
    """A dead worker's live gauges must not stay in the scrape."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)
