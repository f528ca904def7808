"""From the type of a message to the functions that handle it, as KAFKA_HANDLERS says."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

Handler = Callable[[dict[str, object]], None]


def find_handlers(message_type: str) -> list[Handler]:
    """The handlers of a type in the order of the settings; none for a type that this service does not use."""
    return [import_string(path) for path in settings.KAFKA_HANDLERS.get(message_type, [])]
