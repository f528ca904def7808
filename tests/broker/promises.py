"""Messages in the outbox whose numbers show whether any was lost, doubled or overtaken."""

from django.conf import settings
from django.db import transaction

from integrations.models import OutboxMessage
from integrations.outbox.record import record

KEYS = ["a", "b", "c"]


def promise_in_turns(start: int, end: int, text: str = "") -> None:
    """The numbers from `start` on, in one transaction, each with the next key."""
    with transaction.atomic():
        for number in range(start, end):
            record(message_type="test.happened", key=KEYS[number % 3], payload={"number": number, "text": text})


def promise_much(count: int) -> None:
    """The same from 0 on, quickly, and waking nobody."""
    fields = {"topic": settings.KAFKA_EVENT_TOPIC, "message_type": "test.happened"}
    OutboxMessage.objects.bulk_create(
        OutboxMessage(key=KEYS[number % 3], payload={"number": number}, **fields) for number in range(count)
    )


def in_order(count: int) -> dict[str, list[int]]:
    """What a consumer shall see of the first `count` numbers."""
    return {key: list(range(start, count, 3)) for start, key in enumerate(KEYS)}
