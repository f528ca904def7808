"""The negative controls: the service as careless code would be, without the guards that the tests beside it rely on."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")
django.setup()

from registrations import storing  # noqa: E402
from registrations.services import marks  # noqa: E402

HAS_ROOM = "AND (max_attendees IS NULL OR current_attendees < max_attendees)"
NOT_YET_MARKED = "AND status IN ({origins})"

assert HAS_ROOM in storing.REGISTER_SQL
storing.REGISTER_SQL = storing.REGISTER_SQL.replace(HAS_ROOM, "")
assert NOT_YET_MARKED in marks.MARK_SQL
marks.MARK_SQL = marks.MARK_SQL.replace(NOT_YET_MARKED, "")
storing.TURN_SQL = "SELECT 1"

from meetinity_events.wsgi import application  # noqa: E402 -- imports all views, which find the statements as they are

__all__ = ["application"]
