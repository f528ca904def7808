"""The seats of an event: the one owner of the SQL that moves `current_attendees`.

The pieces are common table expressions that a service composes with its own, so that the seat, the registration and the
message are one statement: client time inside the row lock is what limits a hot event. Each returns the columns `id`,
`category` and `tags` of the event, or no row. A service that got a seat but could not use it must roll back.
Parameters: `event_id`, or `event_ids` where many events are named.
"""

from django.db.models import F

from events.models import Event

IS_OPEN_SQL = "status = 'active' AND start_date > now()"

LOCK_SQL = "SELECT 1 FROM events WHERE id = %(event_id)s FOR NO KEY UPDATE"
"""`Event.objects.lock` for a service of constant statements: behind it nobody takes a seat or gives one back."""

LOCK_IDLE_SQL = "SELECT id FROM events WHERE id = ANY(%(event_ids)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
"""The same for those of many events that nobody holds: it waits for nobody, so that it can never be in a deadlock."""

TAKE_SEAT_SQL = f"""
    UPDATE events SET current_attendees = current_attendees + 1
    WHERE id = %(event_id)s AND {IS_OPEN_SQL}
      AND (max_attendees IS NULL OR current_attendees < max_attendees) AND {{condition}}
    RETURNING id, category, tags
"""

TAKE_SEATS_SQL = """
    UPDATE events SET current_attendees = current_attendees + {count}
    WHERE id = %(event_id)s AND {count} > 0
    RETURNING id, category, tags
"""

FREE_SEAT_SQL = """
    UPDATE events SET current_attendees = current_attendees - 1
    WHERE {which} AND {condition}
    RETURNING id, category, tags
"""

FIND_FULL_SQL = f"""
    SELECT id, category, tags FROM events
    WHERE id = %(event_id)s AND {IS_OPEN_SQL} AND current_attendees >= max_attendees AND {{condition}}
"""

FREE_SEATS_SQL = f"""
    SELECT max_attendees - current_attendees AS seats FROM events WHERE id = %(event_id)s AND {IS_OPEN_SQL}
"""
"""The seats that are left of an open event, NULL for an unlimited one; the event's row is locked."""


def take_seat_sql(*, condition: str) -> str:
    """Take one seat of an open event that has room, where `condition` (SQL over the event's columns) holds too.

    A sold-out event is no row at once: nobody waits for its lock.
    """
    return TAKE_SEAT_SQL.format(condition=condition)


def take_seats_sql(*, count: str) -> str:
    """Take as many seats as the SQL expression `count` says, known to be free since the event's row is locked."""
    return TAKE_SEATS_SQL.format(count=count)


def free_seat_sql(*, condition: str) -> str:
    """Give one seat back where `condition` holds."""
    return FREE_SEAT_SQL.format(which="id = %(event_id)s", condition=condition)


def free_seat_of_each_sql(*, condition: str) -> str:
    """Give one seat of each of `event_ids` back where `condition` holds; their rows are locked."""
    return FREE_SEAT_SQL.format(which="id = ANY(%(event_ids)s)", condition=condition)


def find_full_sql(*, condition: str) -> str:
    """The open event without a seat left, where `condition` holds too; its row is locked, so that it stays full."""
    return FIND_FULL_SQL.format(condition=condition)


def set_seats(event: Event, count: int) -> None:
    """Make the counter tell what was counted; the caller's transaction holds the event's row, so that nothing moves."""
    Event.objects.filter(pk=event.pk).update(current_attendees=count)
    event.current_attendees = count


def release_seats(event: Event, count: int) -> None:
    """Give back the seats of registrations that the caller's transaction has ended; it has locked the event's row."""
    Event.objects.filter(pk=event.pk).update(current_attendees=F("current_attendees") - count)
    event.current_attendees -= count
