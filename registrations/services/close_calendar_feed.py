"""Give up the address of a user's calendar."""

from uuid import UUID

from registrations.models import CalendarFeed


def close_calendar_feed(*, user_id: UUID) -> bool:
    """Nobody reads the calendar under its old address any more; the next address is another.

    Returns whether there was one: a repeat changes nothing. One statement, no transaction of its own.
    """
    deleted, _ = CalendarFeed.objects.filter(user_id=user_id).delete()
    return bool(deleted)
