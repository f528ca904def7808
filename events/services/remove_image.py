"""Take an event's image away."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from events.models import Event
from events.ownership import lock_own_event
from events.services.store_edit import store_edit
from events.status import require_editable
from events.versions import require_version
from meetinity_events.api.principal import Principal


def remove_image(*, event_id: UUID, editor: Principal, versions: Collection[int] | None = None) -> Event:
    """Leave the event without an image, an uploaded one or a link; the files go after the commit.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, and StaleVersion when `versions` is given and the event is
    at another one. Owns one transaction; locks the event's row; records event.updated. Calling it again changes nothing
    and returns the event.
    """
    with transaction.atomic():
        event = lock_own_event(event_id, editor)
        require_version(event, versions)
        require_editable(event.status)
        if event.image_url is not None:
            store_edit(event, {"image_url": None})
    return event
