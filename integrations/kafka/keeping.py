"""Keeps a consumer's place in its group while a handler takes long: somebody else polls meanwhile."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from django.conf import settings

logger = logging.getLogger("event_service.kafka")

POLL_SECONDS = 0.5
# The group and the probe of liveness wait for no handler longer than this: it is stuck, and another member shall try.
LONGEST_WORK_SECONDS = 3600.0
# The heartbeat file counts as old after a minute.
LONGEST_SILENCE_SECONDS = 20.0


@contextmanager
def kept_in_group(client: Consumer, beat: Callable[[], None]) -> Iterator[None]:
    """While the block runs long, poll with every partition paused, and `beat`; for an hour at most.

    The client may be polled by another thread; the block itself must leave it alone.
    """
    is_done = threading.Event()
    keeper = threading.Thread(target=keep, args=(client, beat, is_done), name="keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_done.set()
        keeper.join()


def keep(client: Consumer, beat: Callable[[], None], is_done: threading.Event) -> None:
    """What the keeper does: nothing for a third of the time that the group allows between two polls, then poll."""
    patience_seconds = min(settings.KAFKA_MAX_POLL_INTERVAL_MS / 3000, LONGEST_SILENCE_SECONDS)
    if is_done.wait(patience_seconds):
        return
    end = time.monotonic() + LONGEST_WORK_SECONDS
    while not is_done.is_set() and time.monotonic() < end:
        beat()
        poll_paused(client, POLL_SECONDS)
    with suppress(KafkaException):
        client.resume(client.assignment())


def poll_paused(client: Consumer, timeout_seconds: float) -> None:
    """Poll without taking anything; a message of a partition that was assigned meanwhile goes back."""
    with suppress(KafkaException):
        client.pause(client.assignment())
    message = client.poll(timeout_seconds)
    if message is not None and message.error() is None:
        put_back(client, message)


def put_back(client: Consumer, message: Message) -> None:
    """Seek to the message. Another member that has its partition by now reads it from the committed offset."""
    try:
        client.seek(TopicPartition(message.topic(), message.partition(), message.offset()))
    except KafkaException as error:
        logger.warning("partition is gone", extra={"kafka_error": error.args[0].name()})
