"""JSON lines on standard error, each with the id of the request that caused it."""

from environs import validate

from meetinity_events.settings.environment import env

LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "meetinity_events.observability.logs.RequestIdFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "loggers": {
        "event_service": {"level": LOG_LEVEL},
        "kafka": {"level": "WARNING"},
        "django": {"level": "WARNING", "handlers": [], "propagate": True},
        # Below an error the service's own line about the request says the same.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING", "handlers": [], "propagate": True},
        # Takes the place of gunicorn's own handler, whose lines are no JSON.
        "gunicorn.error": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        "celery": {"level": LOG_LEVEL},
        # One line for each task, every five seconds, tells nobody anything.
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
