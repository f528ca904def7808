"""The seats of an event: the one owner of the SQL that moves `current_attendees`.

The pieces are common table expressions that a service composes with its own, so that the seat, the registration and the
message are one statement: client time inside the row lock is what limits a hot event. Each returns the columns `id`,
`category` and `tags` of the event, or no row. A service that got a seat but could not use it must roll back.
Parameters: `event_id`.
"""

from events.models import Event

TAKE_SEAT_SQL = """
    UPDATE events SET current_attendees = current_attendees + 1
    WHERE id = %(event_id)s AND status = 'active' AND start_date > now()
      AND (max_attendees IS NULL OR current_attendees < max_attendees) AND {condition}
    RETURNING id, category, tags
"""

FREE_SEAT_SQL = """
    UPDATE events SET current_attendees = current_attendees - 1
    WHERE id = %(event_id)s AND {condition}
    RETURNING id, category, tags
"""


def take_seat_sql(*, condition: str) -> str:
    """Take one seat of an open event that has room, where `condition` (SQL over constants and subqueries) holds too."""
    return TAKE_SEAT_SQL.format(condition=condition)


def free_seat_sql(*, condition: str) -> str:
    """Give one seat back where `condition` holds."""
    return FREE_SEAT_SQL.format(condition=condition)


def release_all_seats(event: Event) -> None:
    """Nobody takes part any more; the caller's transaction has locked the event and ended its registrations."""
    event.current_attendees = 0
    event.save(update_fields=["current_attendees"])
