"""Another session that sits idle in a transaction and has something locked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from events.models import Event


@contextmanager
def held(event: Event) -> Iterator[None]:
    """The event's row is locked while the block runs."""
    other = connection.copy()
    try:
        with other.cursor() as holder:
            holder.execute("BEGIN")
            holder.execute("SELECT 1 FROM events WHERE id = %s FOR UPDATE", [event.id])
            yield
            holder.execute("ROLLBACK")
    finally:
        other.close()
