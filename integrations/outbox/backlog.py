"""How far behind the messages are."""

from dataclasses import dataclass

from django.db import connection

from integrations.models import DeadLetter

BACKLOG_SQL = """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
    FROM outbox_messages WHERE destination = 'kafka' AND published_at IS NULL AND parked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages that wait for Kafka, the age of the oldest in seconds, and parked incoming ones that wait for staff."""

    pending: int
    oldest_seconds: float
    dead_letters: int


def measure_backlog() -> Backlog:
    """Two queries over partial indexes, as long as the backlog is."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG_SQL)
        pending, oldest_seconds = cursor.fetchone()
    return Backlog(pending, max(oldest_seconds, 0.0), DeadLetter.objects.filter(resolved_at__isnull=True).count())
