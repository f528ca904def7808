"""The consumer: messages from Kafka through their handlers to the commit, and what a failure does."""

import logging
import socket
import time
from collections import Counter
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from django.conf import settings
from django.db import close_old_connections

from integrations.kafka import dead_letters, inbox
from integrations.kafka.consumer_client import GiveUp, StopConsumingError, make_consumer_client, report_client_error
from integrations.kafka.intake import TRANSIENT, Outcome, Received, deal_with, receive
from integrations.kafka.keeping import kept_in_group, poll_paused, put_back
from integrations.kafka.lag import LagGauges
from integrations.kafka.recreated import Place, restart_recreated
from integrations.kafka.topics import TopicIds
from meetinity_events.heartbeat import beat
from meetinity_events.observability import metrics

logger = logging.getLogger("event_service.kafka")

POLL_SECONDS = 1.0
NEVER = float("-inf")
TOPIC_CHECK_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0
MAX_FAILURES = 10


class MessageConsumer:
    """Reads `topics` in the service's consumer group. Not safe for threads, except for stop()."""

    def __init__(self, topics: Sequence[str], *, first_pause_seconds: float = 1.0) -> None:
        self._client = make_consumer_client()
        self._topic_ids = TopicIds()
        self._lag = LagGauges()
        self._first_pause_seconds = first_pause_seconds
        self._failures = 0
        self._topics_checked_at = NEVER
        self._is_stopping = False
        self._in_hand: list[Message] = []  # read, and not dealt with
        self._client.subscribe(list(topics), on_assign=self._forget_check)

    def run(self) -> None:
        """Consume until stop(). Raises StopConsumingError: too many parked, or ten transient failures in a row."""
        refuse_too_many_parked()
        while not self._is_stopping:
            self.poll_once()

    def stop(self) -> None:
        """Let run() return after the messages in hand; may be called from a signal handler."""
        self._is_stopping = True

    def close(self) -> None:
        """Leave the group; a static member keeps its place until its session ends."""
        self._client.close()

    def poll_once(self, timeout_seconds: float = POLL_SECONDS) -> list[Outcome]:
        """Take what has come, KAFKA_BATCH_SIZE messages at most, through to one commit. Raises StopConsumingError."""
        show_life()
        self._in_hand = self._read(timeout_seconds)
        close_old_connections()
        try:
            if self._is_check_due():
                self._check_topics()
            self._lag.update(self._client)
            return self._take()
        except TRANSIENT as error:
            close_old_connections()
            return self._hold_back(error)

    def _read(self, timeout_seconds: float) -> list[Message]:
        """Wait for one message and take those that are there already with it."""
        first = self._client.poll(timeout_seconds)
        found = [] if first is None else [first, *self._client.consume(settings.KAFKA_BATCH_SIZE - 1, 0)]
        for message in found:
            if message.error() is not None:
                report_client_error(message)
        return [message for message in found if message.error() is None]

    def _take(self) -> list[Outcome]:
        """Deal with the messages, commit behind those that are done and count them, also when a later one fails."""
        done: list[tuple[Received, Outcome]] = []
        started = time.monotonic()
        try:
            known = self._find_known()
            batch = [receive(message, position_of(message, self._topic_ids)) for message in self._in_hand]
            with kept_in_group(self._client, show_life):
                for received, outcome in deal_with(batch, known):
                    done.append((received, outcome))
                    if self._is_stopping or (outcome is Outcome.PARKED and count_too_many_parked()):
                        break
        finally:
            self._finish(done, time.monotonic() - started)
        refuse_too_many_parked_among(done)
        return [outcome for _, outcome in done]

    def _find_known(self) -> set[inbox.Position]:
        """Which of the messages were handled before.

        Or the topic is a new one, and it was its predecessor's message at this offset that was handled: asked again.
        """
        known = inbox.find_handled([position_of(message, self._topic_ids) for message in self._in_hand])
        if known:
            self._check_topics()
        return known

    def _finish(self, done: Sequence[tuple[Received, Outcome]], seconds: float) -> None:
        """Commit once, and count each message. Whatever was done ends a row of failures."""
        self._failures = 0 if done else self._failures
        self._in_hand = self._in_hand[len(done) :]
        self._commit([received.message for received, _ in done])
        for _ in done:
            metrics.EVENT_PROCESSING.observe(seconds / len(done))
        kinds = Counter((received.message.topic(), received.message_type, outcome) for received, outcome in done)
        for kind, count in kinds.items():
            metrics.MESSAGES_CONSUMED.labels(*kind).inc(count)
        metrics.EVENTS_PROCESSED.labels(settings.SERVICE_NAME).inc(len(done))

    def _commit(self, messages: Sequence[Message]) -> None:
        """Commit behind the messages. A refusal is no failure: whoever reads them again finds them in the inbox."""
        ends = {place_of(message): message.offset() + 1 for message in messages}
        if not ends:
            return
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]
        try:
            self._client.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            logger.warning("offset not committed", extra={"kafka_error": error.args[0].name()})

    def _forget_check(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        """Called by the client with new partitions, before any of their messages."""
        self._topics_checked_at = NEVER

    def _is_check_due(self) -> bool:
        return time.monotonic() - self._topics_checked_at >= TOPIC_CHECK_SECONDS

    def _check_topics(self) -> None:
        """Look for topics made anew: their partitions begin again, without what is in hand of them."""
        restarted = restart_recreated(self._client, self._topic_ids)
        self._in_hand = [message for message in self._in_hand if place_of(message) not in restarted]
        self._topics_checked_at = time.monotonic()

    def _hold_back(self, error: Exception) -> list[Outcome]:
        """Go back to the first message that failed and wait 1 s, then twice as long each time, up to 60 s.

        The tenth time give up. What was dealt with before it is committed.
        """
        if not self._in_hand:
            logger.warning("topics not checked", extra={"error": type(error).__name__})
            return []
        self._failures += 1
        if self._failures == MAX_FAILURES:
            raise StopConsumingError(f"{MAX_FAILURES} transient failures in a row", GiveUp.TRY_AGAIN) from error
        pause_seconds = min(self._first_pause_seconds * 2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
        extra = {"error": type(error).__name__, "failures": self._failures, "pause_seconds": pause_seconds}
        logger.warning("message comes again", extra=extra)
        metrics.MESSAGES_CONSUMED.labels(self._in_hand[0].topic(), "", Outcome.RETRIED).inc()
        self._wait(pause_seconds)
        return [Outcome.RETRIED]

    def _wait(self, pause_seconds: float) -> None:
        """The group keeps its member while it waits, because the client is polled with its partitions paused."""
        end = time.monotonic() + pause_seconds
        firsts = {place_of(message): message for message in reversed(self._in_hand)}
        self._client.pause(self._client.assignment())
        for message in firsts.values():
            put_back(self._client, message)
        while (remaining := end - time.monotonic()) > 0 and not self._is_stopping:
            show_life()
            poll_paused(self._client, min(POLL_SECONDS, remaining))
        self._client.resume(self._client.assignment())


def show_life() -> None:
    """For the probe: `manage.py worker_alive consumer`."""
    beat(f"consumer@{socket.gethostname()}")


def position_of(message: Message, topic_ids: TopicIds) -> inbox.Position:
    """Its place by the topic's id. Raises KafkaException while the broker does not tell that."""
    return inbox.Position(topic_ids.find(message.topic()), message.partition(), message.offset())


def place_of(message: Message) -> Place:
    """The partition that it lies in."""
    return message.topic(), message.partition()


def count_too_many_parked() -> int:
    """How many were parked in a row and are still open, if that is more than KAFKA_PARKED_LIMIT; else 0."""
    parked = dead_letters.count_parked_in_a_row()
    return parked if parked > settings.KAFKA_PARKED_LIMIT else 0


def refuse_too_many_parked_among(done: Sequence[tuple[Received, Outcome]]) -> None:
    """Raises StopConsumingError when the last of these was the one too many."""
    if done and done[-1][1] is Outcome.PARKED:
        refuse_too_many_parked()


def refuse_too_many_parked() -> None:
    """Raises StopConsumingError once more messages than KAFKA_PARKED_LIMIT were parked in a row and are still open."""
    if parked := count_too_many_parked():
        message = f"{parked} messages parked in a row: replay or discard the dead letters, then start again"
        raise StopConsumingError(message, GiveUp.STAFF_DECIDE)
