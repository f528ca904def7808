"""What becomes of messages that were read: handled together or alone, parked, ignored, or known already."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from confluent_kafka import KafkaException, Message
from django.db import InterfaceError, OperationalError, transaction

from integrations.kafka import dead_letters, inbox
from integrations.kafka.envelope import Envelope, UnreadableMessage, open_message
from integrations.kafka.inbox import Position
from integrations.kafka.routing import find_handlers, find_many_handlers

logger = logging.getLogger("event_service.kafka")

# What passes by itself: the message is not to blame and comes again.
TRANSIENT = (OperationalError, InterfaceError, TimeoutError, ConnectionError, KafkaException)


class Outcome(StrEnum):
    """What became of a message, as the metric names it."""

    HANDLED = "handled"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    PARKED = "parked"
    RETRIED = "retried"


@dataclass(frozen=True, slots=True)
class Received:
    """A message with its place; `envelope` is what it says, or why nobody can read it."""

    message: Message
    position: Position
    envelope: Envelope | UnreadableMessage

    @property
    def message_type(self) -> str:
        """Empty where no handler wants it, so that the metric stays small."""
        return self.envelope.message_type if isinstance(self.envelope, Envelope) and self.is_wanted else ""

    @property
    def is_wanted(self) -> bool:
        """True when somebody handles its type."""
        return isinstance(self.envelope, Envelope) and bool(find_handlers(self.envelope.message_type))

    @property
    def kind(self) -> str:
        """The type, if neighbours of the same one may be handled together with it; empty if not."""
        is_shared = isinstance(self.envelope, Envelope) and bool(find_many_handlers(self.envelope.message_type))
        return self.message_type if is_shared else ""


def receive(message: Message, position: Position) -> Received:
    """Read what a message says."""
    try:
        return Received(message, position, open_message(message.value()))
    except UnreadableMessage as error:
        return Received(message, position, error)


def deal_with(batch: Sequence[Received], known: Collection[Position]) -> Iterator[tuple[Received, Outcome]]:
    """Take messages through in their order; what was yielded is in the database. `known` were handled before.

    Neighbours of a kind go together, so that hundreds of profiles cost one commit. When that fails because of one of
    them, each goes alone. Raises one of TRANSIENT for the first that was not yielded.
    """
    for kind, group in groupby(batch, lambda received: received.kind):
        neighbours = list(group)
        outcomes = handle_together(kind, neighbours, known) if kind and len(neighbours) > 1 else None
        if outcomes is not None:
            yield from zip(neighbours, outcomes, strict=True)
            continue
        for received in neighbours:
            yield received, deal_with_one(received, known)


def handle_together(kind: str, batch: Sequence[Received], known: Collection[Position]) -> list[Outcome] | None:
    """Handle messages of a kind and remember them in one transaction; None, and nothing changed, if one is refused."""
    fresh = [received for received in batch if received.position not in known]
    payloads = [received.envelope.payload for received in fresh if isinstance(received.envelope, Envelope)]
    try:
        with transaction.atomic():
            for handler in find_many_handlers(kind):
                handler(payloads)
            inbox.record_handled([received.position for received in fresh])
    except TRANSIENT:
        raise
    except Exception:  # noqa: BLE001 - which one it was and why is found out and logged when each goes alone
        return None
    return [Outcome.DUPLICATE if received.position in known else Outcome.HANDLED for received in batch]


def deal_with_one(received: Received, known: Collection[Position]) -> Outcome:
    """Park, ignore, skip or handle one message."""
    if isinstance(received.envelope, UnreadableMessage):
        dead_letters.park(received.message, received.position, message_type="", error=str(received.envelope))
        return Outcome.PARKED
    if not received.is_wanted:
        return Outcome.IGNORED
    if received.position in known:
        return Outcome.DUPLICATE
    return handle(received, received.envelope)


def handle(received: Received, envelope: Envelope) -> Outcome:
    """Run the handlers, then remember the message. One that a handler refuses is parked, with the traceback logged.

    Handlers own their transactions and may be repeated: after a crash in between, the message is handled once more.
    """
    try:
        run_handlers(received)
    except TRANSIENT:
        raise
    except Exception as error:
        position = received.position
        place = {"topic": received.message.topic(), "partition": position.partition, "offset": position.offset}
        logger.exception("message refused", extra=place)
        dead_letters.park(
            received.message, position, message_type=envelope.message_type, error=f"{type(error).__name__}: {error}"
        )
        return Outcome.PARKED
    inbox.record_handled([received.position])
    return Outcome.HANDLED


def run_handlers(received: Received) -> None:
    """Give the message to everybody who wants it. Raises whatever they raise."""
    assert isinstance(received.envelope, Envelope)
    for handler in find_handlers(received.envelope.message_type):
        handler(received.envelope.payload)
