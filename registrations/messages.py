"""What Kafka hears about a registration.

The message is written in SQL, because it is made of what the same statement has just stored.
"""

from integrations.outbox.record import insert_sql

CREATED = "event.registration.created"
CANCELLED = "event.registration.cancelled"
WAITLISTED = "event.registration.waitlisted"
PROMOTED = "event.registration.promoted"
ATTENDED = "event.registration.attended"
NO_SHOW = "event.registration.no_show"
ATTENDANCE_UNDONE = "event.registration.attendance_undone"

PAYLOAD_SQL = """jsonb_build_object(
    'event_type', '{message_type}',
    'event_id', seat.id::text,
    'user_id', registration.user_id::text,
    'registration_id', registration.id::text,
    'timestamp', %(occurred_at)s::text,
    'event_category', seat.category,
    'event_tags', to_jsonb(seat.tags)
)"""


def message_sql(
    message_type: str, *, order_by: str = "registration.id", source: str = "seat CROSS JOIN registration"
) -> str:
    """Record a message with the keys of `docs/messages` for each registration, as a piece of a statement.

    It reads the common table expressions `seat` (id, category, tags of the event) and `registration` (id, user_id and
    what `order_by` names), joined by `source`, and the parameters of `insert_params()` and `occurred_at` (text,
    `YYYY-MM-DDTHH:MM:SSZ`).
    """
    return insert_sql(
        message_type=message_type,
        source=f"{source} ORDER BY {order_by}",
        key_sql="seat.id::text",
        payload_sql=PAYLOAD_SQL.format(message_type=message_type),
    )
