"""An event gets, changes and loses its image."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from events.images import files
from events.images.names import PREFIX
from events.models import Event
from tests.events.pictures import file_of, opened, picture, saved, send_image
from tests.factories import Caller, event_fields, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db(transaction=True)

GATEWAY = "http://localhost:8080/api/events/images/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the uploads of one test lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(folder: Path) -> list[str]:
    """The names of all files."""
    return sorted(path.name for path in folder.rglob("*.*"))


def test_an_image_is_stored_in_three_sizes_and_shown_with_the_event(alice: Caller, bob: Caller, folder: Path) -> None:
    event = make_event(alice)

    response = send_image(alice, event.id, picture("PNG", width=900, height=450))

    body = response.json()
    name = body["image_url"].removeprefix(GATEWAY).removesuffix(".png")
    assert (response.status_code, response["ETag"], body["version"]) == (200, f'"{event.id}-2"', 2)
    assert body["image_thumbnail_url"] == f"{GATEWAY}{name}.thumbnail.png"
    assert stored(folder) == [f"{name}.medium.png", f"{name}.png", f"{name}.thumbnail.png"]
    assert [opened(file_of(bob, f"{GATEWAY}{name}{size}.png")).width for size in ("", ".medium", ".thumbnail")] == [
        900,
        800,
        320,
    ]
    listed = bob.get("/events").json()["events"][0]
    assert (listed["image_url"], listed["image_thumbnail_url"]) == (body["image_url"], body["image_thumbnail_url"])


def test_the_world_hears_that_the_image_changed(alice: Caller) -> None:
    event = make_event(alice)

    send_image(alice, event.id, picture())

    (message,) = messages("event.updated")
    assert (message["updated_fields"], message["version"]) == (["image_url"], 2)


def test_a_new_image_replaces_the_files_of_the_old_one(alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    old = send_image(alice, event.id, picture("PNG")).json()["image_url"]

    new = send_image(alice, event.id, picture("JPEG")).json()["image_url"]

    assert new != old
    assert [name.rpartition(".")[2] for name in stored(folder)] == ["jpg"] * 3
    assert alice.get(old.removeprefix("http://localhost:8080/api")).status_code == 404


def test_removing_an_image_takes_its_files_along_and_may_be_repeated(alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())

    first, second = alice.delete(f"/events/{event.id}/image"), alice.delete(f"/events/{event.id}/image")

    assert [(answer.status_code, answer.json()["image_url"], answer["ETag"]) for answer in (first, second)] == [
        (200, None, f'"{event.id}-3"')
    ] * 2
    assert first.json()["image_thumbnail_url"] is None
    assert stored(folder) == []
    assert [message["updated_fields"] for message in messages("event.updated")] == [["image_url"]] * 2


@pytest.mark.parametrize("link", ["https://example.com/a.png", None])
def test_a_link_of_the_organisers_own_replaces_an_upload(link: str | None, alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())

    body = alice.patch(f"/events/{event.id}", {"image_url": link}).json()

    assert (body["image_url"], body["image_thumbnail_url"]) == (link, None)
    assert stored(folder) == []


def test_a_link_that_comes_back_as_it_was_sent_changes_nothing(alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    link = send_image(alice, event.id, picture()).json()["image_url"]

    body = alice.patch(f"/events/{event.id}", {"image_url": link, "title": "New"}).json()

    assert (body["image_url"], body["version"], len(stored(folder))) == (link, 3, 3)
    assert messages("event.updated")[-1]["updated_fields"] == ["title"]


def test_an_upload_belongs_to_one_event(alice: Caller) -> None:
    event, other = make_event(alice), make_event(alice)
    link = send_image(alice, event.id, picture()).json()["image_url"]
    before = snapshot(other)

    answers = [
        alice.patch(f"/events/{other.id}", {"image_url": link}),
        alice.post("/events", event_fields(image_url=link)),
        alice.patch(f"/events/{other.id}", {"image_url": link.removeprefix("http://localhost:8080/api")}),
    ]

    assert [(answer.status_code, list(answer.json()["error"]["details"])) for answer in answers] == [
        (422, ["image_url"])
    ] * 3
    assert snapshot(other) == before
    assert Event.objects.count() == 2


def test_a_stranger_changes_nothing(alice: Caller, carol: Caller, root: Caller, folder: Path) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())
    before = snapshot(event), stored(folder)

    statuses = [
        send_image(carol, event.id, picture()).status_code,
        carol.delete(f"/events/{event.id}/image").status_code,
    ]

    assert statuses == [403, 403]
    assert (snapshot(event), stored(folder)) == before
    assert send_image(root, event.id, picture()).status_code == 200


def test_a_stranger_makes_nobody_decode(alice: Caller, carol: Caller) -> None:
    """What is refused anyway is refused first: the file is no image, and that is not what the answer says."""
    assert send_image(carol, make_event(alice).id, b"no image").status_code == 403


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_the_image_of_what_is_over_stays(status: str, alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())
    Event.objects.filter(pk=event.pk).update(status=status)
    before = snapshot(event), stored(folder)

    statuses = [
        send_image(alice, event.id, picture()).status_code,
        alice.delete(f"/events/{event.id}/image").status_code,
    ]

    assert statuses == [409, 409]
    assert (snapshot(event), stored(folder)) == before


def test_an_image_is_not_put_over_what_somebody_else_changed(alice: Caller, folder: Path) -> None:
    event = make_event(alice)
    alice.patch(f"/events/{event.id}", {"title": "New"})
    seen = {"HTTP_IF_MATCH": f'"{event.id}-1"'}

    statuses = [
        send_image(alice, event.id, picture(), **seen).status_code,
        alice.delete(f"/events/{event.id}/image", **seen).status_code,
        send_image(alice, event.id, picture(), HTTP_IF_MATCH=f'"{event.id}-2"').status_code,
    ]

    assert statuses == [412, 412, 200]
    assert len(stored(folder)) == 3


def test_an_event_that_is_cancelled_while_its_image_is_decoded_keeps_no_file(
    alice: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(alice)
    save = default_storage.save

    def cancel_meanwhile(*args: Any) -> str:
        Event.objects.filter(pk=event.pk).update(status="cancelled")
        return save(*args)

    monkeypatch.setattr(default_storage, "save", cancel_meanwhile)

    assert send_image(alice, event.id, picture()).status_code == 409
    assert stored(folder) == []


def test_an_upload_that_comes_twice_is_stored_once(alice: Caller, folder: Path) -> None:
    event, content = make_event(alice), picture()

    answers = [send_image(alice, event.id, content, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)]
    other = send_image(alice, event.id, picture("JPEG"), HTTP_IDEMPOTENCY_KEY="one")

    assert [answer.json()["version"] for answer in answers] == [2, 2]
    assert (answers[1]["Idempotency-Replayed"], other.status_code) == ("true", 422)
    assert len(stored(folder)) == 3


def test_an_upload_may_be_larger_than_json_up_to_its_own_limit(alice: Caller, folder: Path, settings: Any) -> None:
    """3 MB are more than Django keeps in memory, too."""
    event = make_event(alice)
    large = saved(Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000)))

    taken = send_image(alice, event.id, large, HTTP_IDEMPOTENCY_KEY="large")
    settings.MAX_CONTENT_LENGTH = 2_000_000
    refused = send_image(alice, event.id, large)

    assert (taken.status_code, refused.status_code, len(stored(folder))) == (200, 413, 3)


def test_uploads_are_counted(alice: Caller, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "upload": 1}
    event = make_event(alice)

    answers = [send_image(alice, event.id, b"no image") for _ in range(2)]

    assert [(answer.status_code, answer["RateLimit-Limit"]) for answer in answers] == [(415, "1"), (429, "1")]


def test_a_folder_that_takes_no_file_is_no_fault_of_the_service(alice: Caller, settings: Any, tmp_path: Path) -> None:
    """424: a 5xx would make the gateway refuse all calls about events for a while."""
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_bytes(b"")
    event = make_event(alice)
    before = snapshot(event)

    response = send_image(alice, event.id, picture())

    assert (response.status_code, response.json()["error"]["details"]) == (424, {"reason": ["image_storage_away"]})
    assert snapshot(event) == before


def test_a_draft_gets_its_image_in_silence(alice: Caller) -> None:
    event = make_event(alice, status="draft")

    assert send_image(alice, event.id, picture()).status_code == 200
    assert messages() == []


def test_the_column_has_no_host(alice: Caller, settings: Any) -> None:
    """A deployment that moves keeps its images."""
    event = make_event(alice)
    send_image(alice, event.id, picture())

    settings.API_GATEWAY_URL = "https://api.example.org"

    (link,) = Event.objects.values_list("image_url", flat=True)
    assert link.startswith(PREFIX)
    assert alice.get(f"/events/{event.id}").json()["image_url"] == f"https://api.example.org/api{link}"


def test_links_of_before_stay_as_they_are(alice: Caller) -> None:
    event = make_event(alice)
    Event.objects.filter(pk=event.pk).update(image_url="http://old.example/a.png")

    body = alice.get(f"/events/{event.id}").json()

    assert (body["image_url"], body["image_thumbnail_url"]) == ("http://old.example/a.png", None)


def test_an_event_that_is_deleted_leaves_its_files_to_the_sweep(alice: Caller, folder: Path) -> None:
    event = make_event(alice, start_date=in_days(7))
    send_image(alice, event.id, picture())

    assert alice.delete(f"/events/{event.id}").status_code == 204
    assert len(stored(folder)) == 3


def test_a_file_that_cannot_be_deleted_does_not_undo_the_edit(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())

    def refuse(_: str) -> None:
        raise PermissionError

    monkeypatch.setattr(files.default_storage, "delete", refuse)

    assert alice.delete(f"/events/{event.id}/image").json()["image_url"] is None
    assert len(stored(folder)) == 3
