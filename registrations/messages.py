"""What Kafka hears about a registration.

The message is written in SQL, because it is made of what the same statement has just stored.
"""

from integrations.outbox.record import insert_sql

CREATED = "event.registration.created"
CANCELLED = "event.registration.cancelled"

PAYLOAD_SQL = """jsonb_build_object(
    'event_type', '{message_type}',
    'event_id', seat.id::text,
    'user_id', registration.user_id::text,
    'registration_id', registration.id::text,
    'timestamp', %(occurred_at)s::text,
    'event_category', seat.category,
    'event_tags', to_jsonb(seat.tags)
)"""


def message_sql(message_type: str) -> str:
    """Record a message with the keys of `docs/messages`, as a piece of a statement.

    It reads the common table expressions `seat` (id, category, tags of the event) and `registration` (id, user_id), and
    the parameters of `insert_params()` and `occurred_at` (text, `YYYY-MM-DDTHH:MM:SSZ`).
    """
    return insert_sql(
        message_type=message_type,
        source="seat CROSS JOIN registration",
        key_sql="seat.id::text",
        payload_sql=PAYLOAD_SQL.format(message_type=message_type),
    )
