"""Which version of an event a writer has seen."""

from collections.abc import Collection

from events.errors import StaleVersion
from events.models import Event


def require_version(event: Event, versions: Collection[int] | None) -> None:
    """Raises StaleVersion (412) unless the locked event is at one of `versions`; None asks for nothing."""
    if versions is not None and event.version not in versions:
        raise StaleVersion
