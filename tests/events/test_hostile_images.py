"""Uploads that are refused before, beside and after decoding; hostile files themselves are in `test_image_memory`."""

from pathlib import Path
from typing import Any

import pytest

from events.images import sandbox
from tests.events.pictures import MULTIPART, as_upload, picture, send_image
from tests.factories import Caller, make_event, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the uploads of one test lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.parametrize(
    ("content", "name", "content_type", "status"),
    [
        (picture("JPEG"), "photo.png", "", 415),
        (picture("PNG"), "photo.jpeg", "", 415),
        (picture("PNG"), "photo.png.html", "", 415),
        (picture("PNG"), "photo", "image/gif", 415),
        (picture("PNG"), "photo.png", "text/html", 415),
        (picture("JPEG"), "PHOTO.JPG", "image/jpeg", 200),
        (picture("JPEG"), "photo.jpeg", "application/octet-stream", 200),
        (picture("JPEG"), "photo.jpg", "image/jpg", 200),
        (picture("GIF"), "photo", "", 200),
        (picture("PNG"), "../../../../etc/photo.png", "image/png", 200),
    ],
)
def test_a_label_says_nothing_or_the_truth(
    content: bytes, name: str, content_type: str, status: int, alice: Caller, folder: Path
) -> None:
    event = make_event(alice)
    body = as_upload(content, name, content_type)

    assert alice.call("POST", f"/events/{event.id}/image", body, CONTENT_TYPE=MULTIPART).status_code == status


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (as_upload(picture(), field="picture"), MULTIPART, 422),
        (as_upload(picture()).replace(b'filename="upload"', b""), MULTIPART, 422),
        (b"", MULTIPART, 422),
        (b"no parts", MULTIPART, 422),
        (as_upload(picture()), "multipart/form-data", 400),
        (picture(), "image/png", 415),
        (b"{}", "application/json", 415),
    ],
)
def test_a_body_without_one_image_is_refused(
    body: bytes, content_type: str, status: int, alice: Caller, folder: Path
) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert alice.call("POST", f"/events/{event.id}/image", body, CONTENT_TYPE=content_type).status_code == status
    assert snapshot(event) == before


def test_a_deployment_may_allow_fewer_kinds(alice: Caller, folder: Path, settings: Any) -> None:
    settings.ALLOWED_EXTENSIONS = ["jpeg"]
    event = make_event(alice)

    assert [send_image(alice, event.id, picture(kind)).status_code for kind in ("PNG", "GIF", "JPEG")] == [
        415,
        415,
        200,
    ]


def test_a_decoder_that_takes_too_long_is_killed(alice: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event(alice)
    monkeypatch.setattr(sandbox, "DECODE_SECONDS", 0.001)

    response = send_image(alice, event.id, picture())

    assert (response.status_code, response.json()["error"]["details"]) == (413, {"reason": ["image_too_large"]})


def test_who_finds_the_decoder_taken_may_come_back(
    alice: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(alice)
    monkeypatch.setattr(sandbox, "TURN_SECONDS", 0.001)

    with sandbox.turns:
        response = send_image(alice, event.id, picture())

    assert (response.status_code, response["Retry-After"]) == (429, "5")
    assert send_image(alice, event.id, picture()).status_code == 200
