"""How much one person may take: coming events at a time, and returns to one event."""

MOST_TIMES = 10
"""Registrations of one person for one event, counting each return after leaving."""

# Over the parameters `user_id` and `most_coming`.
HAS_ROOM_FOR_MORE_SQL = """(
    SELECT count(*) < %(most_coming)s FROM event_registrations AS own JOIN events AS theirs ON theirs.id = own.event_id
    WHERE own.user_id = %(user_id)s AND own.status IN ('registered', 'waitlisted')
      AND theirs.status = 'active' AND theirs.start_date > now()
)"""

TURN_SQL = "SELECT pg_advisory_xact_lock(hashtextextended(%(user_id)s::text, 2))"
"""Lets one registration of a user at a time through to the end of its transaction, so that none is counted late.

Taken before the event's row is locked; whoever holds a row never waits here.
"""
