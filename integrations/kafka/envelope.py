"""The form of a message: CloudEvents 1.0 in binary mode going out, a JSON object with `event_type` coming in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import orjson
from django.conf import settings

# Kafka's own limit for a message unless a topic says otherwise.
MAX_VALUE_BYTES = 1024 * 1024


class UnreadableMessage(ValueError):
    """The bytes are not a message of the platform."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message from another service: its type, and the whole JSON object."""

    message_type: str
    payload: dict[str, object]


def format_time(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`, the platform's form; needs an aware datetime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(value: object) -> datetime:
    """An ISO 8601 instant; one without a zone is UTC. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("not a timestamp")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@cache
def name_source() -> str:
    """Who we are; remembered, since it is part of every message."""
    return f"/{settings.SERVICE_NAME}"


def build_headers(
    *, message_id: int, message_type: str, subject: str, time: str, extra: Mapping[str, str]
) -> dict[str, str | bytes | None]:
    """The headers of an outgoing message; `time` has the platform's form, `extra` adds its own, like `traceparent`."""
    return {
        **extra,
        "ce_specversion": "1.0",
        "ce_id": str(message_id),
        "ce_type": message_type,
        "ce_source": name_source(),
        "ce_time": time,
        "ce_subject": subject,
        "content-type": "application/json",
    }


def build_cloud_event(
    *,
    message_id: int,
    message_type: str,
    subject: str,
    created_at: datetime,
    data: Mapping[str, object],
    extra: Mapping[str, str],
) -> dict[str, object]:
    """The same in CloudEvents' JSON format, for those who read over HTTP; `data` is the platform's message."""
    return {
        "specversion": "1.0",
        "id": str(message_id),
        "type": message_type,
        "source": f"/{settings.SERVICE_NAME}",
        "time": format_time(created_at),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": data,
        **extra,
    }


def open_message(value: bytes | None, *, max_bytes: int = MAX_VALUE_BYTES) -> Envelope:
    """Read an incoming value. Raises UnreadableMessage: none, too large, not a JSON object, no `event_type`."""
    if value is None:
        raise UnreadableMessage("the message has no value")
    if len(value) > max_bytes:
        raise UnreadableMessage(f"the value of {len(value)} bytes is over {max_bytes}")
    try:
        payload = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise UnreadableMessage(f"the value is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise UnreadableMessage("the value is not a JSON object")
    message_type = payload.get("event_type")
    if not isinstance(message_type, str) or not message_type:
        raise UnreadableMessage("the value has no event_type")
    return Envelope(message_type, payload)
