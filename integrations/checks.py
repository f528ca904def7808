"""Refuses to start with a message type whose handler, or a follower, does not exist."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string


def check_handlers(*, app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """One error for each dotted path of KAFKA_HANDLERS and KAFKA_FOLLOWERS that cannot be imported or called."""
    named = [(f"KAFKA_HANDLERS[{kind!r}]", path) for kind, paths in settings.KAFKA_HANDLERS.items() for path in paths]
    named += [("KAFKA_FOLLOWERS", path) for path in settings.KAFKA_FOLLOWERS]
    return [
        Error(f"{setting}: {path} is not a function.", id="integrations.E001")
        for setting, path in named
        if not is_callable(path)
    ]


def is_callable(path: str) -> bool:
    """True when the dotted path leads to something that can be called."""
    try:
        return callable(import_string(path))
    except ImportError:
        return False
