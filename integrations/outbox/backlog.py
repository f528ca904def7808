"""How far behind the messages are."""

from dataclasses import dataclass

from django.db import connection

from integrations.models import DeadLetter

MATCHING_SQL = """
    SELECT count(*) FROM outbox_messages
    WHERE destination = 'matching' AND published_at IS NULL AND parked_at IS NULL
"""
BACKLOG_SQL = """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
    FROM outbox_messages WHERE destination = 'kafka' AND published_at IS NULL AND parked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages that wait for Kafka, the age of the oldest in seconds, and parked incoming ones that wait for staff.

    `matching_pending`: what waits for matching-service, due or not.
    """

    pending: int
    oldest_seconds: float
    dead_letters: int
    matching_pending: int


def measure_backlog() -> Backlog:
    """Three queries over partial indexes, as long as the backlog is."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG_SQL)
        pending, oldest_seconds = cursor.fetchone()
        cursor.execute(MATCHING_SQL)
        (matching_pending,) = cursor.fetchone()
    dead_letters = DeadLetter.objects.filter(resolved_at__isnull=True).count()
    return Backlog(pending, max(oldest_seconds, 0.0), dead_letters, matching_pending)
