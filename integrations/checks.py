"""Refuses to start with a handler or a follower that does not exist, or a topic that no Kafka can have."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from integrations.kafka.topic_names import is_topic_name


def check_handlers(*, app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """One error for each dotted path of KAFKA_HANDLERS and KAFKA_FOLLOWERS that cannot be imported or called."""
    named = [(f"KAFKA_HANDLERS[{kind!r}]", path) for kind, paths in settings.KAFKA_HANDLERS.items() for path in paths]
    named += [("KAFKA_FOLLOWERS", path) for path in settings.KAFKA_FOLLOWERS]
    return [
        Error(f"{setting}: {path} is not a function.", id="integrations.E001")
        for setting, path in named
        if not is_callable(path)
    ]


def check_topics(*, app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """One error for each name in KAFKA_EVENT_TOPIC and KAFKA_USER_TOPICS that is no name of a topic."""
    named = [("KAFKA_EVENT_TOPIC", settings.KAFKA_EVENT_TOPIC)]
    named += [("KAFKA_USER_TOPICS", topic) for topic in settings.KAFKA_USER_TOPICS]
    return [
        Error(f"{setting}: {topic!r} cannot be the name of a topic.", id="integrations.E002")
        for setting, topic in named
        if not is_topic_name(topic)
    ]


def is_callable(path: str) -> bool:
    """True when the dotted path leads to something that can be called."""
    try:
        return callable(import_string(path))
    except ImportError:
        return False
