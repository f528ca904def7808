"""Parked messages: kept whole, counted, and given to the handlers again or discarded when staff say so."""

import base64

from confluent_kafka import Message
from django.db.models import Max
from django.utils.timezone import now

from integrations.errors import DeadLetterNotFound
from integrations.kafka.envelope import open_message
from integrations.kafka.inbox import Position
from integrations.kafka.routing import find_handlers
from integrations.models import DeadLetter, InboxMessage, Resolution

# Well above the 10 MB that the largest topics of a platform carry; the client refuses messages over 100 MB.
KEPT_BYTES = 32 * 1024 * 1024
KEPT_CHARACTERS = 2000


def park(message: Message, position: Position, *, message_type: str, error: str) -> None:
    """Keep a message that cannot be used, in a transaction of its own; a repeat changes nothing.

    A value over 32 MiB keeps its first 32 MiB.
    """
    value = message.value()
    DeadLetter.objects.bulk_create(
        [
            DeadLetter(
                topic=message.topic(),
                topic_id=position.topic_id,
                partition=position.partition,
                offset=position.offset,
                key=message.key(),
                value=value and value[:KEPT_BYTES],
                headers=[[name, encode_header(header)] for name, header in message.headers() or []],
                message_type=clean(message_type)[:100],
                error=clean(error)[:KEPT_CHARACTERS],
            )
        ],
        ignore_conflicts=True,
    )


def encode_header(value: bytes | None) -> str | None:
    """A header's bytes as base64, which JSON can hold."""
    return None if value is None else base64.b64encode(value).decode()


def clean(text: str) -> str:
    """Text that PostgreSQL takes: without NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def count_parked_in_a_row() -> int:
    """Open dead letters since the last message that was handled."""
    last_handled_at = InboxMessage.objects.aggregate(last=Max("handled_at"))["last"]
    letters = DeadLetter.objects.filter(resolved_at__isnull=True)
    if last_handled_at is not None:
        letters = letters.filter(created_at__gt=last_handled_at)
    return letters.count()


def replay(letter_id: int) -> None:
    """Give a parked message to its handlers again, the way that the consumer does, and mark it as replayed.

    Raises DeadLetterNotFound (absent or resolved), UnreadableMessage, and whatever the handlers raise; then the letter
    stays open. Handlers own their transactions; a replay that is cut short can be repeated.
    """
    letter = DeadLetter.objects.filter(pk=letter_id, resolved_at__isnull=True).first()
    if letter is None:
        raise DeadLetterNotFound
    # Staff have looked at it: the limit that parked a large value does not hold here.
    envelope = open_message(None if letter.value is None else bytes(letter.value), max_bytes=KEPT_BYTES)
    for handler in find_handlers(envelope.message_type):
        handler(envelope.payload)
    resolve(letter_id, Resolution.REPLAYED)


def discard(letter_id: int) -> None:
    """Give a parked message up for good; its bytes stay. Raises DeadLetterNotFound (absent or resolved)."""
    if not resolve(letter_id, Resolution.DISCARDED):
        raise DeadLetterNotFound


def resolve(letter_id: int, resolution: Resolution) -> bool:
    """Close an open letter; False when another has closed it."""
    letters = DeadLetter.objects.filter(pk=letter_id, resolved_at__isnull=True)
    return bool(letters.update(resolved_at=now(), resolution=resolution))
