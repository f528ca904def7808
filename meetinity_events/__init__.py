"""The service as a whole: settings, URL table, HTTP kit, metrics, and the Celery application that tasks attach to."""

from meetinity_events.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "1.0.0"
