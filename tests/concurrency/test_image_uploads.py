"""Uploads to one event at the same time: one image is left, with its files and no others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from events.images.names import PREFIX
from events.models import Event
from tests.events.pictures import picture
from tests.factories import Caller, make_event, messages
from tests.live import LiveService

pytestmark = pytest.mark.django_db(transaction=True)

UPLOADS = 6


def stored_names() -> set[str]:
    """The files of this session, which `live` keeps too."""
    return {path.name for path in Path(settings.UPLOAD_FOLDER).rglob("*.png")}


def test_uploads_at_the_same_time_leave_one_image(alice: Caller, live: LiveService) -> None:
    event, before = make_event(alice), stored_names()
    assert alice.principal is not None
    headers = {"Authorization": f"Bearer {alice.principal.token}"}

    with ThreadPoolExecutor(UPLOADS) as pool:
        address = f"http://127.0.0.1:{live.port}/events/{event.id}/image"
        fields = {"image": ("upload", picture())}
        sent = [pool.submit(live.http.request, "POST", address, fields=fields, headers=headers) for _ in range(UPLOADS)]
        statuses = [answer.result().status for answer in sent]
        stored = sorted(stored_names() - before)

    event = Event.objects.get(pk=event.pk)
    name = str(event.image_url).removeprefix(PREFIX).removesuffix(".png")
    assert set(statuses) <= {200, 429}
    assert stored == [f"{name}.medium.png", f"{name}.png", f"{name}.thumbnail.png"]
    assert event.version == 1 + statuses.count(200) == 1 + len(messages("event.updated"))
