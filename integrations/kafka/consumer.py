"""The consumer: one message at a time from Kafka through its handlers to the commit, and what a failure does."""

import logging
import time
from collections.abc import Sequence
from enum import StrEnum

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from integrations.kafka import dead_letters, inbox
from integrations.kafka.consumer_client import StopConsumingError, make_consumer_client, report_client_error
from integrations.kafka.envelope import Envelope, UnreadableMessage, open_message
from integrations.kafka.inbox import Position
from integrations.kafka.recreated import Place, restart_recreated
from integrations.kafka.routing import find_handlers
from integrations.kafka.topics import TopicIds
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.kafka")

POLL_SECONDS = 1.0
NEVER = float("-inf")
TOPIC_CHECK_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0
MAX_FAILURES = 10
# What passes by itself: the message is not to blame and comes again.
TRANSIENT = (OperationalError, InterfaceError, TimeoutError, ConnectionError, KafkaException)


class Outcome(StrEnum):
    """What became of a message, as the metric names it."""

    HANDLED = "handled"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    PARKED = "parked"
    RETRIED = "retried"


class MessageConsumer:
    """Reads `topics` in the service's consumer group. Not safe for threads, except for stop()."""

    def __init__(self, topics: Sequence[str], *, first_pause_seconds: float = 1.0) -> None:
        self._client = make_consumer_client()
        self._topic_ids = TopicIds()
        self._first_pause_seconds = first_pause_seconds
        self._failures = 0
        self._topics_checked_at = NEVER
        self._is_stopping = False
        self._client.subscribe(list(topics), on_assign=self._forget_check)

    def run(self) -> None:
        """Consume until stop(). Raises StopConsumingError: too many parked, or ten transient failures in a row."""
        refuse_too_many_parked()
        while not self._is_stopping:
            self.poll_once()

    def stop(self) -> None:
        """Let run() return after the message in hand; may be called from a signal handler."""
        self._is_stopping = True

    def close(self) -> None:
        """Leave the group."""
        self._client.close()

    def poll_once(self, timeout_seconds: float = POLL_SECONDS) -> Outcome | None:
        """Take one message through to its commit; None when there was none. Raises StopConsumingError."""
        message = self._client.poll(timeout_seconds)
        if message is not None and message.error() is not None:
            report_client_error(message)
            message = None
        close_old_connections()
        try:
            restarted = self._check_topics() if self._is_check_due() else set()
            if message is None or (message.topic(), message.partition()) in restarted:
                return None
            return self._take(message)
        except TRANSIENT as error:
            close_old_connections()
            return self._hold_back(message, error)

    def _take(self, message: Message) -> Outcome | None:
        """Deal with one message, commit its offset, count it. None when it turned out to be of a topic made anew."""
        with metrics.EVENT_PROCESSING.time():
            position = Position(self._topic_ids.find(message.topic()), message.partition(), message.offset())
            message_type, outcome = self._deal_with(message, position)
        self._failures = 0
        if outcome is None:
            return None
        self._commit(message)
        metrics.MESSAGES_CONSUMED.labels(message.topic(), message_type, outcome).inc()
        metrics.EVENTS_PROCESSED.labels(settings.SERVICE_NAME).inc()
        if outcome is Outcome.PARKED:
            refuse_too_many_parked()
        return outcome

    def _deal_with(self, message: Message, position: Position) -> tuple[str, Outcome | None]:
        """Park, ignore, skip or handle. The type is empty where no handler wants it, so that the metric stays small."""
        try:
            envelope = open_message(message.value())
        except UnreadableMessage as error:
            dead_letters.park(message, position, message_type="", error=str(error))
            return "", Outcome.PARKED
        if not find_handlers(envelope.message_type):
            return "", Outcome.IGNORED
        if inbox.was_handled(position):
            # Or the topic is a new one, and it was its predecessor's message at this offset that was handled.
            is_new = (message.topic(), message.partition()) in self._check_topics()
            return envelope.message_type, None if is_new else Outcome.DUPLICATE
        return envelope.message_type, handle(message, position, envelope)

    def _commit(self, message: Message) -> None:
        """Commit behind the message. A refusal is no failure: whoever reads the message again finds it in the inbox."""
        try:
            self._client.commit(message=message, asynchronous=False)
        except KafkaException as error:
            logger.warning("offset not committed", extra={"kafka_error": error.args[0].name()})

    def _forget_check(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        """Called by the client with new partitions, before any of their messages."""
        self._topics_checked_at = NEVER

    def _is_check_due(self) -> bool:
        return time.monotonic() - self._topics_checked_at >= TOPIC_CHECK_SECONDS

    def _check_topics(self) -> set[Place]:
        """Look for topics made anew; returns the partitions that start again."""
        restarted = restart_recreated(self._client, self._topic_ids)
        self._topics_checked_at = time.monotonic()
        return restarted

    def _hold_back(self, message: Message | None, error: Exception) -> Outcome | None:
        """Go back to before the message and wait 1 s, then twice as long each time, up to 60 s; the tenth time give up.

        The group keeps its member while it waits, because the client is polled with its partitions paused.
        """
        if message is None:
            logger.warning("topics not checked", extra={"error": type(error).__name__})
            return None
        self._failures += 1
        if self._failures == MAX_FAILURES:
            raise StopConsumingError(f"{MAX_FAILURES} transient failures in a row") from error
        pause_seconds = min(self._first_pause_seconds * 2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
        extra = {"error": type(error).__name__, "failures": self._failures, "pause_seconds": pause_seconds}
        logger.warning("message comes again", extra=extra)
        metrics.MESSAGES_CONSUMED.labels(message.topic(), "", Outcome.RETRIED).inc()
        self._wait(message, pause_seconds)
        return Outcome.RETRIED

    def _wait(self, message: Message, pause_seconds: float) -> None:
        """Poll without taking anything; a message of a partition that was assigned meanwhile goes back too."""
        end = time.monotonic() + pause_seconds
        held: Message | None = message
        while held is not None or (time.monotonic() < end and not self._is_stopping):
            self._client.pause(self._client.assignment())
            if held is not None and held.error() is None:
                self._put_back(held)
            held = self._client.poll(min(POLL_SECONDS, max(0.0, end - time.monotonic())))
        self._client.resume(self._client.assignment())

    def _put_back(self, message: Message) -> None:
        """Seek to the message. Another member that has its partition by now reads it from the committed offset."""
        try:
            self._client.seek(TopicPartition(message.topic(), message.partition(), message.offset()))
        except KafkaException as error:
            logger.warning("partition is gone", extra={"kafka_error": error.args[0].name()})


def handle(message: Message, position: Position, envelope: Envelope) -> Outcome:
    """Run the handlers, then remember the message. One that a handler refuses is parked, with the traceback logged.

    Handlers own their transactions and may be repeated: after a crash in between, the message is handled once more.
    """
    try:
        for handler in find_handlers(envelope.message_type):
            handler(envelope.payload)
    except TRANSIENT:
        raise
    except Exception as error:
        place = {"topic": message.topic(), "partition": position.partition, "offset": position.offset}
        logger.exception("message refused", extra=place)
        dead_letters.park(
            message, position, message_type=envelope.message_type, error=f"{type(error).__name__}: {error}"
        )
        return Outcome.PARKED
    inbox.record_handled(position)
    return Outcome.HANDLED


def refuse_too_many_parked() -> None:
    """Raises StopConsumingError once more messages than KAFKA_PARKED_LIMIT were parked in a row and are still open."""
    parked = dead_letters.count_parked_in_a_row()
    if parked > settings.KAFKA_PARKED_LIMIT:
        raise StopConsumingError(
            f"{parked} messages parked in a row: replay or discard the dead letters, then start again"
        )
