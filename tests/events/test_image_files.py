"""The files of images: how they are served, and which of them are swept."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone
from uuid_utils.compat import uuid7

from events.images.names import PREFIX, path_of, uploaded_at
from events.models import Event
from events.services import attach_image
from events.services.sweep_images import sweep_images
from events.tasks import sweep_images as sweep_task
from tests.events.pictures import chunks_of, picture, send_image
from tests.factories import Caller, make_event

pytestmark = pytest.mark.django_db

A_DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the uploads of one test lie."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT  # type: ignore[no-any-return]


def name_from(age: timedelta) -> str:
    """The name of an image that was uploaded so long ago."""
    milliseconds = int((timezone.now() - age).timestamp() * 1000)
    return f"{UUID(int=(milliseconds << 80) | (uuid7().int & (1 << 80) - 1))}.png"


def put(folder: Path, name: str) -> Path:
    """A file, as an upload leaves it."""
    file = folder / path_of(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture())
    return file


@pytest.mark.parametrize(("kind", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif")])
def test_a_file_is_served_for_a_year_as_what_it_is(
    kind: str, content_type: str, alice: Caller, anonymous: Caller, folder: Path
) -> None:
    event = make_event(alice)
    link = send_image(alice, event.id, picture(kind)).json()["image_url"].removeprefix("http://localhost:8080/api")

    response = anonymous.get(link)
    content = b"".join(chunks_of(response))

    assert response.status_code == 200
    assert content == (folder / path_of(link.removeprefix(PREFIX))).read_bytes()
    assert {name: response[name] for name in HEADERS} == {
        **HEADERS,
        "Content-Type": content_type,
        "Content-Length": str(len(content)),
    }
    with closing(anonymous.call("HEAD", link)) as head:
        assert head["Content-Length"] == str(len(content))


HEADERS = {
    "Content-Type": "",
    "Content-Length": "",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "..%2f..%2fsecrets.env",
        "%2e%2e%2fsecrets.env",
        "secrets.env",
        "{id}",
        "{id}.svg",
        "{id}.png.html",
        "{id}.large.png",
        "{id}.png%00",
        "{id}.png%0a",
        "{id}.PNG",
        "x{id}.png",
    ],
)
def test_nothing_else_is_served(name: str, anonymous: Caller, folder: Path) -> None:
    existing = put(folder, name_from(A_DAY))
    (folder / "secrets.env").write_text("no image")
    (folder.parent / "secrets.env").write_text("no image")

    assert anonymous.get(f"/events/images/{name.format(id=existing.stem)}").status_code == 404
    with closing(anonymous.get(f"/events/images/{existing.name}")) as response:
        assert response.status_code == 200


def test_a_folder_that_cannot_be_read_is_no_fault_of_the_service(anonymous: Caller, folder: Path) -> None:
    existing = put(folder, name_from(A_DAY))
    existing.unlink()
    existing.mkdir()

    assert anonymous.get(f"/events/images/{existing.name}").status_code == 424


def test_the_sweep_takes_what_no_event_refers_to_a_day_later(alice: Caller, folder: Path) -> None:
    used, orphan, fresh = name_from(A_DAY * 9), name_from(A_DAY + timedelta(minutes=1)), name_from(A_DAY / 2)
    Event.objects.filter(pk=make_event(alice).pk).update(image_url=PREFIX + used)
    kept = [put(folder, name) for name in (used, used.replace(".png", ".thumbnail.png"), fresh)]
    gone = [put(folder, name) for name in (orphan, orphan.replace(".png", ".medium.png"))]
    kept.append(put(folder, "notes.of.somebody.txt"))

    assert sweep_images() == 1
    assert [file.exists() for file in (*kept, *gone)] == [True] * 4 + [False] * 2
    assert sweep_images() == 0


def test_the_sweep_may_run_before_the_first_upload(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sweep_images")

    assert capsys.readouterr().out == "Deleted 0 images.\n"


def test_beat_sweeps(folder: Path, settings: Any) -> None:
    orphan = put(folder, name_from(A_DAY * 2))

    sweep_task()

    assert not orphan.exists()
    assert sweep_task.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_a_sweep_between_storing_and_referring_takes_nothing(
    alice: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(alice)
    lock = attach_image.lock_own_event

    def sweep_first(*args: Any) -> Event:
        assert len(list(folder.rglob("*.png"))) == 3
        assert sweep_images() == 0
        return lock(*args)

    monkeypatch.setattr(attach_image, "lock_own_event", sweep_first)

    assert send_image(alice, event.id, picture()).status_code == 200
    assert len(list(folder.rglob("*.png"))) == 3


def test_a_sweep_asks_the_database_once_for_each_folder(
    alice: Caller, folder: Path, django_assert_num_queries: Any
) -> None:
    names = [name_from(A_DAY * 2)[:34] + "ab.png" for _ in range(5)]
    for name in names:
        put(folder, name)

    with django_assert_num_queries(1) as captured:
        assert sweep_images() == 5

    assert "LIKE '/events/images/%" in captured.captured_queries[0]["sql"]


def test_a_name_tells_when_its_image_came() -> None:
    assert abs(uploaded_at(name_from(A_DAY)) - (timezone.now() - A_DAY)) < timedelta(seconds=10)
