"""What every edit of an event ends with."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from events.cache import forget_event_on_commit
from events.images.files import forget_files
from events.images.names import name_of
from events.messages import event_updated
from events.models import Event
from events.search.words import learn_words_on_commit
from events.status import PUBLIC
from integrations.outbox.record import record


def store_edit(event: Event, changed: Mapping[str, Any]) -> None:
    """Write the changed columns as the next version and record event.updated for a public event.

    The caller's transaction holds the row's lock. After the commit the cache forgets the event, and an uploaded image
    that this replaces is deleted.
    """
    replaced = name_of(event.image_url) if "image_url" in changed else None
    event.save_edit(changed, timezone.now())
    if event.status in PUBLIC:
        fields = sorted("category_id" if name == "category_ref_id" else name for name in changed)
        message = event_updated(event, fields, event.updated_at)
        record(message_type=message["event_type"], key=event.id, payload=message)
        forget_event_on_commit(event.id)
        learn_words_on_commit(event.id)
    if replaced:
        transaction.on_commit(partial(forget_files, replaced), robust=True)
