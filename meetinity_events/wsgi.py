"""The WSGI application that gunicorn serves, with all its views: a worker that is born later has nothing to import."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 -- imported in gunicorn's master, once for all of its workers
