"""Publishing, completing and deleting an event, and what stands against it."""

import pytest

from events.models import Event
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


def test_publishing_a_draft_opens_it_and_says_that_it_was_created(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, status="draft")

    response = alice.post(f"/events/{event.id}/publish")

    assert (response.status_code, response.json()["status"], response.json()["version"]) == (200, "active", 2)
    (message,) = messages()
    assert (message["event_type"], message["event_id"], message["version"]) == ("event.created", str(event.id), 2)
    assert bob.get(f"/events/{event.id}").status_code == 200


def test_publishing_again_says_nothing_new(alice: Caller) -> None:
    event = make_event(alice, status="draft")
    alice.post(f"/events/{event.id}/publish")
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/publish").status_code == 200
    assert snapshot(event) == before


@pytest.mark.parametrize("state", ["pending", "rejected", "cancelled", "completed", "archived"])
def test_only_a_draft_can_be_published(alice: Caller, state: str) -> None:
    event = make_event(alice, status=state)
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/publish").status_code == 409
    assert snapshot(event) == before


def test_completing_closes_an_event_that_has_started(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    Event.objects.update(start_date=in_days(-1))

    response = alice.post(f"/events/{event.id}/complete")

    assert (response.status_code, response.json()["status"], response.json()["current_attendees"]) == (
        200,
        "completed",
        1,
    )
    (message,) = messages("event.completed")
    assert {name: value for name, value in message.items() if name != "timestamp"} == {
        "event_type": "event.completed",
        "event_id": str(event.id),
        "category": "Networking",
        "version": 2,
    }
    before = snapshot(event)
    assert alice.post(f"/events/{event.id}/complete").status_code == 200
    assert snapshot(event) == before


def test_what_has_not_begun_cannot_be_complete(alice: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/complete")

    assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": ["event_not_started"]})
    assert snapshot(event) == before


def test_deleting_removes_the_record_and_says_so(alice: Caller) -> None:
    event = make_event(alice)

    assert alice.delete(f"/events/{event.id}").status_code == 204

    assert Event.objects.count() == 0
    assert [message["event_type"] for message in messages()] == ["event.created", "event.deleted"]
    assert alice.delete(f"/events/{event.id}").status_code == 404


def test_a_draft_is_deleted_in_silence(alice: Caller) -> None:
    event = make_event(alice, status="draft")

    assert alice.delete(f"/events/{event.id}").status_code == 204
    assert messages() == []


def test_a_registration_of_any_state_keeps_the_record(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    bob.delete(f"/events/{event.id}/register")
    before = snapshot(event)

    response = alice.delete(f"/events/{event.id}")

    assert (response.status_code, response.json()["error"]["details"]) == (
        409,
        {"reason": ["event_has_registrations"]},
    )
    assert snapshot(event) == before


@pytest.mark.parametrize(("method", "action"), [("POST", "/publish"), ("POST", "/complete"), ("DELETE", "")])
def test_strangers_change_nothing(
    alice: Caller, carol: Caller, anonymous: Caller, root: Caller, method: str, action: str
) -> None:
    event, draft = make_event(alice), make_event(alice, status="draft")
    before = snapshot(event), snapshot(draft)

    assert carol.call(method, f"/events/{event.id}{action}").status_code == 403
    assert carol.call(method, f"/events/{draft.id}{action}").status_code == 404
    assert anonymous.call(method, f"/events/{event.id}{action}").status_code == 401
    assert (snapshot(event), snapshot(draft)) == before
    assert root.call(method, f"/events/{draft.id}{action}").status_code in (200, 204, 409)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_if_match_lets_only_the_reader_of_this_version_write(alice: Caller, method: str) -> None:
    event = make_event(alice)
    read = alice.get(f"/events/{event.id}")["ETag"]

    first = alice.call(method, f"/events/{event.id}", {"title": "First"}, HTTP_IF_MATCH=read)
    before = snapshot(event)
    second = alice.call(method, f"/events/{event.id}", {"title": "Second"}, HTTP_IF_MATCH=read)

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["error"]["details"] == {"reason": ["stale_version"]}
    assert snapshot(event) == before
    after = alice.call(method, f"/events/{event.id}", {"title": "Third"}, HTTP_IF_MATCH=f'"x", {first["ETag"]}')
    assert after.status_code == 200


@pytest.mark.parametrize(
    "tag", ['"nonsense"', '""', 'W/"{id}-1"', '"01890000-0000-7000-8000-000000000000-1"', "{id}-1"]
)
def test_a_tag_that_is_not_this_events_refuses_the_write(alice: Caller, tag: str) -> None:
    event = make_event(alice)
    before = snapshot(event)
    header = tag.replace("{id}", str(event.id))

    assert alice.call("PATCH", f"/events/{event.id}", {"title": "New"}, HTTP_IF_MATCH=header).status_code == 412
    assert alice.call("DELETE", f"/events/{event.id}", HTTP_IF_MATCH=header).status_code == 412
    assert snapshot(event) == before


def test_a_star_asks_for_nothing(alice: Caller) -> None:
    event = make_event(alice)

    assert alice.call("PATCH", f"/events/{event.id}", {"title": "New"}, HTTP_IF_MATCH="*").status_code == 200


def test_put_keeps_the_fields_that_it_does_not_name(alice: Caller) -> None:
    event = make_event(alice, price="9.50", max_attendees=7)

    answer = alice.call("PUT", f"/events/{event.id}", {"title": "New"}).json()

    assert (answer["title"], answer["price"], answer["max_attendees"]) == ("New", "9.50", 7)


def test_a_seat_does_not_spoil_an_editors_version(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    read = alice.get(f"/events/{event.id}")["ETag"]
    bob.post(f"/events/{event.id}/register")

    assert alice.call("PATCH", f"/events/{event.id}", {"title": "New"}, HTTP_IF_MATCH=read).status_code == 200
