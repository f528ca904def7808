"""Changing an event."""

from typing import Any

import pytest

from events.models import Event
from registrations.services.register_user import register_user
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


def test_update_event_changes_what_was_sent_and_says_exactly_that(alice: Caller) -> None:
    event = make_event(alice, max_attendees=10)

    response = alice.patch(f"/events/{event.id}", {"title": "New", "max_attendees": 20, "location": event.location})

    assert response.status_code == 200
    assert (response.json()["title"], response.json()["max_attendees"], response.json()["version"]) == ("New", 20, 2)
    assert response["ETag"] == f'"{event.id}-2"'
    (message,) = messages("event.updated")
    assert (message["updated_fields"], message["version"]) == (["max_attendees", "title"], 2)


def test_a_change_that_changes_nothing_stores_and_says_nothing(alice: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert alice.patch(f"/events/{event.id}", {"title": event.title}).status_code == 200
    assert alice.patch(f"/events/{event.id}", {}).status_code == 200

    assert snapshot(event) == before


def test_a_new_category_changes_its_name_and_its_id(alice: Caller) -> None:
    event = make_event(alice)

    answer = alice.patch(f"/events/{event.id}", {"category": "Webinar"}).json()

    assert answer["category"] == "Webinar"
    assert messages("event.updated")[0]["updated_fields"] == ["category", "category_id"]


def test_a_draft_changes_in_silence(alice: Caller) -> None:
    event = make_event(alice, status="draft")

    assert alice.patch(f"/events/{event.id}", {"title": "New"}).json()["version"] == 2
    assert messages() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end_date": in_days(6).isoformat()}, "end_date"),
        ({"start_date": in_days(30).isoformat()}, "end_date"),
        ({"latitude": 1}, "longitude"),
        ({"is_virtual": True}, "virtual_link"),
        ({"title": None}, "title"),
        ({"status": "cancelled"}, "status"),
        ({"current_attendees": 0}, "current_attendees"),
        ({"category": "Nonsense"}, "category"),
    ],
)
def test_a_change_is_judged_beside_what_stays(alice: Caller, change: dict[str, Any], field: str) -> None:
    event = make_event(alice, end_date=in_days(8))
    before = snapshot(event)

    response = alice.patch(f"/events/{event.id}", change)

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == [field]
    assert snapshot(event) == before


def test_capacity_cannot_fall_below_the_seats_taken(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice, max_attendees=5)
    for guest in (bob, carol):
        assert guest.principal is not None
        register_user(event_id=event.id, user=guest.principal)
    before = snapshot(event)

    response = alice.patch(f"/events/{event.id}", {"max_attendees": 1, "title": "New"})

    assert response.status_code == 409
    assert response.json()["error"]["details"] == {"reason": ["capacity_below_attendance"]}
    assert snapshot(event) == before
    assert alice.patch(f"/events/{event.id}", {"max_attendees": 2}).status_code == 200
    assert alice.patch(f"/events/{event.id}", {"max_attendees": None}).json()["seats_left"] is None


def test_carol_may_not_change_alices_event(alice: Caller, carol: Caller, anonymous: Caller) -> None:
    event = make_event(alice)
    draft = make_event(alice, status="draft")
    before = snapshot(event)

    assert carol.patch(f"/events/{event.id}", {"title": "Mine"}).status_code == 403
    assert carol.patch(f"/events/{draft.id}", {"title": "Mine"}).status_code == 404
    assert anonymous.patch(f"/events/{event.id}", {"title": "Mine"}).status_code == 401
    assert snapshot(event) == before


def test_an_admin_may_change_any_event(alice: Caller, root: Caller) -> None:
    event = make_event(alice)

    assert root.patch(f"/events/{event.id}", {"title": "Better"}).status_code == 200
    assert Event.objects.get().created_by == alice.id


def test_an_event_that_is_over_stays_as_it_was(alice: Caller) -> None:
    event = make_event(alice)
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})
    before = snapshot(event)

    assert alice.patch(f"/events/{event.id}", {"title": "New"}).status_code == 409
    assert snapshot(event) == before


def test_a_start_before_the_stored_end_follows_a_patch_of_both(alice: Caller) -> None:
    event = make_event(alice, end_date=in_days(8))

    response = alice.patch(
        f"/events/{event.id}", {"start_date": in_days(30).isoformat(), "end_date": in_days(31).isoformat()}
    )

    assert response.status_code == 200
