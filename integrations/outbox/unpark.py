"""Takes a message out of parking, so that the relay tries it again."""

from django.db import transaction

from integrations.errors import MessageNotParked
from integrations.models import OutboxMessage
from integrations.outbox.record import nudge_on_commit


def unpark_message(message_id: int) -> None:
    """Let the relay send a parked message again, and wake it.

    Raises MessageNotParked (absent, waiting or published); so does a repeat, until the relay has parked it once more.
    Owns one transaction. The message goes out behind later ones of its key, which did not wait for it, and has all its
    tries before it again.
    """
    parked = OutboxMessage.objects.filter(pk=message_id, parked_at__isnull=False)
    with transaction.atomic():
        if not parked.update(parked_at=None, error="", attempts=0):
            raise MessageNotParked
        nudge_on_commit()
