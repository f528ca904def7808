"""The Kafka door of the registrations."""

from collections.abc import Mapping
from typing import Any

from integrations.kafka.envelope import parse_time
from meetinity_events.api.principal import parse_subject
from registrations.services.remove_user import remove_user


def user_deleted(payload: Mapping[str, Any]) -> None:
    """`user.deleted`: KeyError or ValueError when the platform's keys are missing or unreadable."""
    remove_user(user_id=parse_subject(payload["user_id"]).id, at=parse_time(payload["timestamp"]))
