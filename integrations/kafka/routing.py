"""From the type of a message to the functions that handle it, as KAFKA_HANDLERS says."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

Handler = Callable[[dict[str, object]], None]
ManyHandler = Callable[[Sequence[dict[str, object]]], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])

_many: dict[Callable[..., None], ManyHandler] = {}


def find_handlers(message_type: str) -> list[Handler]:
    """The handlers of a type in the order of the settings; none for a type that this service does not use."""
    return [import_string(path) for path in settings.KAFKA_HANDLERS.get(message_type, [])]


def handled_together_by(many: ManyHandler) -> Callable[[AnyHandler], AnyHandler]:
    """Declare what does the same as a handler for several messages in their order, inside the caller's transaction.

    It takes as little time and as few locks as a statement of so many rows, and when it raises, each goes alone.
    """

    def declare(handler: AnyHandler) -> AnyHandler:
        _many[handler] = many
        return handler

    return declare


def find_many_handlers(message_type: str) -> list[ManyHandler]:
    """What handles several messages of a type together; none unless each of its handlers has declared that."""
    handlers = find_handlers(message_type)
    many = [_many[handler] for handler in handlers if handler in _many]
    return many if len(many) == len(handlers) else []
