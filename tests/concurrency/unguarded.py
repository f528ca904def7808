"""The negative control: the service without the guard on capacity, as careless code would count seats."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")
django.setup()

from meetinity_events.wsgi import application  # noqa: E402
from registrations.services import register_user  # noqa: E402

GUARD = "AND (max_attendees IS NULL OR current_attendees < max_attendees)"

assert GUARD in register_user.REGISTER_SQL
register_user.REGISTER_SQL = register_user.REGISTER_SQL.replace(GUARD, "")
__all__ = ["application"]
