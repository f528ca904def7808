"""From the type of a message to the functions that handle it, as KAFKA_HANDLERS says."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

Handler = Callable[[dict[str, object]], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])

_sharing: set[Callable[..., None]] = set()


def find_handlers(message_type: str) -> list[Handler]:
    """The handlers of a type in the order of the settings; none for a type that this service does not use."""
    return [import_string(path) for path in settings.KAFKA_HANDLERS.get(message_type, [])]


def shares_transaction(handler: AnyHandler) -> AnyHandler:
    """Declare a handler that is one short statement: it may run in one transaction with handlers of other messages."""
    _sharing.add(handler)
    return handler


def may_share_transaction(message_type: str) -> bool:
    """True when every handler of the type says so, and there is one."""
    handlers = find_handlers(message_type)
    return bool(handlers) and all(handler in _sharing for handler in handlers)
