"""The negative control: the service where one person's registrations do not take turns."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")
django.setup()

from meetinity_events.wsgi import application  # noqa: E402
from registrations.services import register_user  # noqa: E402

register_user.take_turns = lambda _: None
__all__ = ["application"]
