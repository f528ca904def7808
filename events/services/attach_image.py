"""Give an event an image."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from events.images.files import forget_files, save_files
from events.images.names import PREFIX, new_name
from events.images.sandbox import rewritten
from events.models import Event
from events.ownership import lock_own_event, require_organiser
from events.services.store_edit import store_edit
from events.status import require_editable
from events.versions import require_version
from integrations.gateway.idempotency import ReplayKey, claim
from meetinity_events.api.principal import Principal
from meetinity_events.errors import DomainError


def attach_image(
    *,
    event_id: UUID,
    editor: Principal,
    upload: "UploadedFile[bytes]",
    versions: Collection[int] | None = None,
    replay: ReplayKey | None = None,
) -> Event:
    """Decode the upload, store it in three sizes and make it the event's image, instead of the one before.

    Raises EventNotFound, NotTheOrganiser, IllegalTransition, StaleVersion, what `rewritten` says about the upload, and
    ImageStorageAway. Asks who may do it twice: before the work, and in its one transaction, which locks the event's row
    and records event.updated. Decoding (10 s at most) and storing come before the transaction; files that no event came
    to refer to are deleted here after a refusal, and by `sweep_images` after a crash.
    """
    require_edit(require_organiser(Event.objects.find(event_id), editor), versions)
    with rewritten(upload, settings.ALLOWED_EXTENSIONS) as image:
        name = new_name(image.extension)
        save_files(name, image.files)
    try:
        with transaction.atomic():
            event = lock_own_event(event_id, editor)
            require_edit(event, versions)
            claim(replay, status=200, resource_id=event_id)
            store_edit(event, {"image_url": PREFIX + name})
    except DomainError:
        forget_files(name)
        raise
    return event


def require_edit(event: Event, versions: Collection[int] | None) -> None:
    """Raises StaleVersion, IllegalTransition."""
    require_version(event, versions)
    require_editable(event.status)
