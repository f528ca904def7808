"""Records messages in the transaction of the change that they tell of, and wakes the relay after the commit."""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import RedisError

from integrations.models import Destination, OutboxMessage
from meetinity_events.api.redis_scripts import ask
from meetinity_events.observability.request_id import current_request_id, current_traceparent

logger = logging.getLogger("event_service.outbox")

RELAY_TASK = "integrations.tasks.relay_outbox"
NUDGE_KEY = "outbox:nudged"
# As long as the sweep's period: a nudge that got lost delays the next one no more than the sweep does.
NUDGE_SECONDS = 5
NUDGE_EXPIRES_SECONDS = 30


def record(
    *,
    message_type: str,
    key: UUID | str,
    payload: Mapping[str, object],
    topic: str | None = None,
    destination: Destination = Destination.KAFKA,
) -> None:
    """Promise a message; it is sent when and only when the caller's transaction commits.

    Messages of one key keep the order in which they are recorded, provided that the caller holds the lock on what the
    key names. `topic` is KAFKA_EVENT_TOPIC unless given, and the path of the call for another destination.
    Raises RuntimeError outside of a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a message is recorded in the transaction of its change")
    OutboxMessage.objects.create(
        destination=destination,
        topic=topic or settings.KAFKA_EVENT_TOPIC,
        key=str(key),
        message_type=message_type,
        payload=payload,
        headers=make_headers(destination),
    )
    if destination == Destination.KAFKA:
        nudge_on_commit()


def insert_sql(
    *,
    message_type: str,
    source: str,
    key_sql: str,
    payload_sql: str,
    topic: str | None = None,
    destination: Destination = Destination.KAFKA,
) -> str:
    """The same as a piece of a statement with data-modifying CTEs: one message for each row of `source`.

    `key_sql` and `payload_sql` are SQL expressions over `source`, a text and a jsonb. The statement is executed with
    insert_params() among its parameters, and its service calls nudge_on_commit() for what goes to Kafka. Returns the
    ids.
    """
    if not re.fullmatch(r"[a-z_.]+", message_type):
        raise ValueError("a message type is lower-case words with dots")
    if not re.fullmatch(r"[a-z/]+", topic or "/"):
        raise ValueError("a path is lower-case words with slashes")
    topic_sql = f"'{topic}'" if topic else "%(outbox_topic)s"
    return (
        "INSERT INTO outbox_messages (destination, topic, key, message_type, payload, headers) "
        f"SELECT '{destination}', {topic_sql}, {key_sql}, '{message_type}', {payload_sql}, "
        f"%(outbox_headers_{destination})s::jsonb FROM {source} RETURNING id"
    )


def insert_params() -> dict[str, object]:
    """The parameters that insert_sql() names."""
    headers = {f"outbox_headers_{destination}": json.dumps(make_headers(destination)) for destination in Destination}
    return {"outbox_topic": settings.KAFKA_EVENT_TOPIC, **headers}


def make_headers(destination: Destination) -> dict[str, str]:
    """What the request being served adds: its trace, and for a call over HTTP its id."""
    headers = {"traceparent": current_traceparent()}
    if destination != Destination.KAFKA:
        headers["X-Request-ID"] = current_request_id()
    return {name: value for name, value in headers.items() if value}


def nudge_on_commit() -> None:
    """Wake the relay once the transaction has committed; a failure to do so never reaches the caller."""
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Ask a worker to relay now, unless that was asked already and not begun.

    One try of OUTBOX_NUDGE_TIMEOUT_SECONDS against a broker that is away, then none for 5 s. What is not asked for
    here is sent by the sweep. With the cache away each call asks.
    """
    if was_asked():
        return
    try:
        current_app.send_task(RELAY_TASK, retry=False, expires=NUDGE_EXPIRES_SECONDS)
    except (OperationalError, OSError) as error:
        logger.warning("relay not woken, the sweep sends it", extra={"error": type(error).__name__})


def was_asked() -> bool:
    """True when somebody has asked within NUDGE_SECONDS and the relay has not begun; from now on somebody has."""
    try:
        return ask("SET", NUDGE_KEY, 1, "NX", "EX", NUDGE_SECONDS) is None
    except RedisError:
        return False


def forget_nudge() -> None:
    """Let the next message ask again; called by the relay's task before it looks for messages."""
    with suppress(RedisError):
        ask("UNLINK", NUDGE_KEY)
