"""Delete the files of images that no event refers to."""

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from events.images.files import folders_of_files, forget_files
from events.images.names import PREFIX, largest_of, uploaded_at
from events.models import Event

GRACE = timedelta(hours=24)
"""How old a file must be: an upload stores its files before its event refers to them."""
BATCH = 500


def sweep_images() -> int:
    """Delete images that no event refers to, GRACE after their upload; returns how many images.

    Raises OSError when the storage does not answer. An image that is older and not referred to cannot become anybody's
    any more, so that there is nothing to lock: a repeat, at the same time or later, finds what is left.
    """
    before = timezone.now() - GRACE
    count = 0
    for files in folders_of_files():
        names = sorted({largest_of(file) for file in files if uploaded_at(file) < before})
        for start in range(0, len(names), BATCH):
            orphans = without_event(names[start : start + BATCH])
            for name in orphans:
                forget_files(name)
            count += len(orphans)
    return count


def without_event(names: Collection[str]) -> list[str]:
    """Those that no event refers to. One query, by the index of uploaded images."""
    links = Event.objects.filter(image_url__startswith=PREFIX, image_url__in=[PREFIX + name for name in names])
    used = set(links.values_list("image_url", flat=True))
    return [name for name in names if PREFIX + name not in used]
