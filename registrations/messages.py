"""What Kafka hears about a registration.

The payloads are written as SQL, because they are made of what the same statement has just stored. Each expects the
common table expressions `seat` (id, category, tags of the event) and `registration` (id, user_id), and the parameter
`occurred_at` (text, `YYYY-MM-DDTHH:MM:SSZ`).
"""

CREATED = "event.registration.created"
CANCELLED = "event.registration.cancelled"


def payload_sql(message_type: str) -> str:
    """A jsonb expression over `seat` and `registration` with the keys of `docs/messages/<message_type>.json`."""
    return f"""jsonb_build_object(
        'event_type', '{message_type}',
        'event_id', seat.id::text,
        'user_id', registration.user_id::text,
        'registration_id', registration.id::text,
        'timestamp', %(occurred_at)s::text,
        'event_category', seat.category,
        'event_tags', to_jsonb(seat.tags)
    )"""
