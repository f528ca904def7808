"""Moderators see the image of an event and take it away."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from events.models import Event
from tests.admin.desk import edit, log, move, page_of
from tests.events.pictures import picture, send_image
from tests.factories import Caller, make_event, messages, snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event(alice: Caller, settings: Any, tmp_path: Path) -> Event:
    """One with an uploaded image."""
    settings.MEDIA_ROOT = tmp_path
    event = make_event(alice)
    assert send_image(alice, event.id, picture()).status_code == 200
    event.refresh_from_db()
    return event


def test_a_row_shows_the_image(staff: Client, event: Event) -> None:
    thumbnail = str(event.image_url).replace(".png", ".thumbnail.png")

    assert f'<a href="{event.image_url}"><img src="{thumbnail}"' in page_of(staff, event)


def test_a_link_of_the_organisers_own_is_never_fetched(staff: Client, alice: Caller) -> None:
    event = make_event(alice, image_url='https://example.com/"><script>.png')

    page = staff.get(f"/admin/events/event/{event.pk}/change/").content.decode()

    assert "https://example.com/&quot;&gt;&lt;script&gt;.png" in page
    assert 'src="https://example.com' not in page


def test_a_moderator_takes_the_image_away(colleague: Client, event: Event, tmp_path: Path) -> None:
    assert move(colleague, "remove_images", event, reason="Not theirs") == ["Tech Networking Meetup: image removed."]

    event.refresh_from_db()
    assert (event.image_url, event.version) == (None, 3)
    assert messages("event.updated")[-1]["updated_fields"] == ["image_url"]
    assert log() == [("maria", str(event.pk), "Image removed. Reason: Not theirs")]
    assert list(tmp_path.rglob("*.png")) == []
    assert move(colleague, "remove_images", event) == ["Tech Networking Meetup: nothing to do, it has no image."]


def test_an_image_that_the_moderator_did_not_see_stays(colleague: Client, event: Event, alice: Caller) -> None:
    edit(event, alice)
    before = snapshot(event)

    told = move(colleague, "remove_images", event)

    assert told == ["Tech Networking Meetup: refused. The event has changed since you read it."]
    assert (snapshot(event), log()) == (before, [])


def test_an_observer_takes_nothing_away(observer: Client, event: Event) -> None:
    before = snapshot(event)

    move(observer, "remove_images", event)

    assert snapshot(event) == before
