"""Parking by hand: keeps a message back from its relay, and takes one out of parking so that it is tried again."""

from django.db import transaction
from django.utils.timezone import now

from integrations.errors import MessageNotParked, MessageNotWaiting
from integrations.models import OutboxMessage
from integrations.outbox.record import nudge_on_commit


def park_message(message_id: int, *, reason: str) -> None:
    """Keep a waiting message back until somebody unparks it; later ones of its key do not wait for it.

    Raises MessageNotWaiting (absent, parked or published). One statement; what a relay is sending right now may still
    arrive, and then stays parked.
    """
    waiting = OutboxMessage.objects.filter(pk=message_id, parked_at=None, published_at=None)
    if not waiting.update(parked_at=now(), error=reason):
        raise MessageNotWaiting


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
