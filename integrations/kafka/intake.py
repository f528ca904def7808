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
from integrations.kafka.routing import find_handlers, may_share_transaction

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
    def may_share(self) -> bool:
        """True when it may be dealt with in one transaction with its neighbours."""
        return isinstance(self.envelope, Envelope) and may_share_transaction(self.envelope.message_type)


def receive(message: Message, position: Position) -> Received:
    """Read what a message says."""
    try:
        return Received(message, position, open_message(message.value()))
    except UnreadableMessage as error:
        return Received(message, position, error)


def deal_with(batch: Sequence[Received], known: Collection[Position]) -> Iterator[tuple[Received, Outcome]]:
    """Take messages through in their order; what was yielded is in the database. `known` were handled before.

    Neighbours that may share a transaction do, so that a thousand profiles cost one commit. When that fails because of
    one of them, each goes alone. Raises one of TRANSIENT for the first that was not yielded.
    """
    for may_share, group in groupby(batch, lambda received: received.may_share):
        neighbours = list(group)
        outcomes = handle_together(neighbours, known) if may_share and len(neighbours) > 1 else None
        if outcomes is not None:
            yield from zip(neighbours, outcomes, strict=True)
            continue
        for received in neighbours:
            yield received, deal_with_one(received, known)


def handle_together(batch: Sequence[Received], known: Collection[Position]) -> list[Outcome] | None:
    """Run the handlers and remember the messages in one transaction; None, and nothing changed, when one refuses."""
    outcomes = []
    try:
        with transaction.atomic():
            for received in batch:
                outcomes.append(Outcome.DUPLICATE if received.position in known else Outcome.HANDLED)
                if received.position not in known:
                    run_handlers(received)
            inbox.record_handled([each.position for each in batch if each.position not in known])
    except TRANSIENT:
        raise
    except Exception:  # noqa: BLE001 - which one it was and why is found out and logged when each goes alone
        return None
    return outcomes


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
