"""Celery: the broker (a Redis server of its own, which must not evict), the queues, and what beat starts when."""

from celery.schedules import crontab
from kombu import Exchange, Queue
from kombu.common import Broadcast

from meetinity_events.settings.environment import read_number, read_seconds, read_url

CELERY_BROKER_URL = read_url("CELERY_BROKER_URL", "redis://localhost:6380/0", "redis", "rediss")
OUTBOX_BATCH_SIZE = read_number("OUTBOX_BATCH_SIZE", 2000, minimum=1)
OUTBOX_SHARDS = read_number("OUTBOX_SHARDS", 1, minimum=1, maximum=64)
OUTBOX_NUDGE_TIMEOUT_SECONDS = read_seconds("OUTBOX_NUDGE_TIMEOUT_SECONDS", 0.3)

# A request that nudges the relay tries the broker once; workers and beat reconnect by Celery's own rules.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_timeout": OUTBOX_NUDGE_TIMEOUT_SECONDS,
    "socket_connect_timeout": OUTBOX_NUDGE_TIMEOUT_SECONDS,
    "visibility_timeout": 3600,
}
CELERY_VISIBILITY_TIMEOUT = 3600
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
HEARTBEATS = Exchange("heartbeat", type="fanout")
# What is sent to a broadcast reaches every worker that listens to it, each by a queue of its own.
CELERY_TASK_QUEUES = (
    *(Queue(name, Exchange(name), routing_key=name) for name in ("default", "outbox")),
    Broadcast("heartbeat", routing_key="heartbeat", exchange=HEARTBEATS),
)
CELERY_TASK_ROUTES = {
    "integrations.tasks.relay_outbox": {"queue": "outbox"},
    # Celery does not declare a broadcast when it sends, and a Redis that was never told takes it for a plain queue.
    "integrations.tasks.heartbeat": {"exchange": HEARTBEATS, "routing_key": "heartbeat", "declare": [HEARTBEATS]},
}

CELERY_BEAT_SCHEDULE = {
    "relay the outbox": {
        "task": "integrations.tasks.relay_outbox",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "tell matching-service": {
        "task": "integrations.tasks.tell_matching",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "ask every worker for a sign of life": {
        "task": "integrations.tasks.heartbeat",
        "schedule": 20.0,
        "options": {"expires": 20.0},
    },
    "purge the outbox": {"task": "integrations.tasks.purge_outbox", "schedule": crontab(hour="3", minute="20")},
    "make partitions ahead": {"task": "events.tasks.make_partitions", "schedule": crontab(hour="2", minute="10")},
    "refresh the popularity of events": {
        "task": "events.tasks.refresh_popularity",
        "schedule": crontab(minute="3-59/10"),
        "options": {"expires": 600.0},
    },
    "hold the counters of seats against the registrations": {
        "task": "registrations.tasks.check_seats",
        "schedule": crontab(hour="3", minute="50"),
    },
    "sweep images": {"task": "events.tasks.sweep_images", "schedule": crontab(hour="4", minute="40")},
    "refresh the statistics of events": {
        "task": "events.tasks.refresh_event_stats",
        "schedule": crontab(minute="14"),
        "options": {"expires": 3600.0},
    },
    "refresh the statistics of registrations": {
        "task": "registrations.tasks.refresh_registration_stats",
        "schedule": crontab(minute="24"),
        "options": {"expires": 3600.0},
    },
    "refresh what is trending": {
        "task": "registrations.tasks.refresh_event_trends",
        "schedule": crontab(minute="3-59/10"),
        "options": {"expires": 600.0},
    },
    "refresh the words of the search": {
        "task": "events.tasks.refresh_words",
        "schedule": crontab(minute="27"),
        "options": {"expires": 3600.0},
    },
    "finish removals": {"task": "registrations.tasks.finish_removals", "schedule": crontab(minute="*/10")},
    "complete past events": {
        "task": "registrations.tasks.complete_past_events",
        "schedule": crontab(minute="5-59/10"),
        "options": {"expires": 600.0},
    },
    "close the attendance of past events": {
        "task": "registrations.tasks.close_attendance",
        "schedule": crontab(minute="7-59/10"),
        "options": {"expires": 600.0},
    },
}
