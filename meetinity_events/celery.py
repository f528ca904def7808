"""The Celery application, what its workers check before they start, and where they answer Prometheus."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

from meetinity_events.observability.metrics_server import serve_metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")

app = Celery("meetinity_events")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_logging_of_django(**_: Any) -> None:
    """Connected so that Celery leaves the root logger, which the settings have configured, alone."""


@worker_init.connect
def refuse_a_broker_that_evicts(**_: Any) -> None:
    """Exit with one line when the broker's Redis may drop keys: an evicted key is a lost task.

    Only Redis brokers have such a policy; an unreachable one is left to Celery's own retries.
    """
    with app.connection_for_write() as connection:
        if connection.transport.driver_type != "redis":
            return
        channel: Any = connection.default_channel
        policy = channel.client.info("memory").get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise SystemExit(f"CELERY_BROKER_URL: this Redis evicts keys ({policy}); set maxmemory-policy noeviction.")


@worker_init.connect
def serve_worker_metrics(**_: Any) -> None:
    """Answer Prometheus for the processes that run the tasks."""
    serve_metrics("WORKER_METRICS_PORT")
