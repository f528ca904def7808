"""The Celery application, and the one thing its workers check before they start: a broker that never evicts."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

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
