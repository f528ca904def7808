"""Uploads to one event at the same time: one image is left, with its files and no others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from events.images.names import PREFIX
from events.models import Event
from tests.events.pictures import picture
from tests.factories import Caller, make_event, messages
from tests.live import live_service

pytestmark = pytest.mark.django_db(transaction=True)

UPLOADS = 6


def test_uploads_at_the_same_time_leave_one_image(alice: Caller, tmp_path: Path) -> None:
    event = make_event(alice)
    assert alice.principal is not None
    headers = {"Authorization": f"Bearer {alice.principal.token}"}

    with live_service(UPLOAD_FOLDER=str(tmp_path)) as service, ThreadPoolExecutor(UPLOADS) as pool:
        address = f"http://127.0.0.1:{service.port}/events/{event.id}/image"
        fields = {"image": ("upload", picture())}
        sent = [
            pool.submit(service.http.request, "POST", address, fields=fields, headers=headers) for _ in range(UPLOADS)
        ]
        statuses = [answer.result().status for answer in sent]
        stored = sorted(path.name for path in tmp_path.rglob("*.png"))

    event = Event.objects.get(pk=event.pk)
    name = str(event.image_url).removeprefix(PREFIX).removesuffix(".png")
    assert set(statuses) <= {200, 429}
    assert stored == [f"{name}.medium.png", f"{name}.png", f"{name}.thumbnail.png"]
    assert event.version == 1 + statuses.count(200) == 1 + len(messages("event.updated"))
