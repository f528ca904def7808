"""What an organiser may ask, and which answers are taken."""

from typing import Any

import pytest

from events.models import Event
from tests.factories import Caller, event_fields, make_event, snapshot

pytestmark = pytest.mark.django_db

FORM = {
    "type": "object",
    "properties": {
        "diet": {"type": "string", "enum": ["all", "vegan"]},
        "guests": {"type": "integer", "minimum": 0, "maximum": 2},
        "email": {"type": "string", "format": "email", "maxLength": 100},
        "days": {"type": "array", "items": {"type": "string", "enum": ["fri", "sat"]}, "uniqueItems": True},
    },
    "required": ["diet"],
}


@pytest.fixture
def event(alice: Caller) -> Event:
    """One that asks."""
    return make_event(alice, registration_form=FORM)


def register(caller: Caller, event: Event, answers: Any) -> Any:
    return caller.post(f"/events/{event.id}/register", {"registration_data": answers})


def test_good_answers_are_stored(event: Event, bob: Caller) -> None:
    answers = {"diet": "vegan", "guests": 1, "email": "bob@example.com", "days": ["fri"]}

    answer = register(bob, event, answers)

    assert (answer.status_code, answer.json()["registration_data"]) == (201, answers)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (None, "diet"),
        ({}, "diet"),
        ({"diet": "meat"}, "diet"),
        ({"diet": 1}, "diet"),
        ({"diet": "all", "guests": 3}, "guests"),
        ({"diet": "all", "guests": "1"}, "guests"),
        ({"diet": "all", "email": "nobody"}, "email"),
        ({"diet": "all", "days": ["fri", "fri"]}, "days"),
        ({"diet": "all", "days": ["mon"]}, "days"),
        ({"diet": "all", "size": "L"}, "size"),
    ],
)
def test_other_answers_are_422_with_their_question(event: Event, bob: Caller, answers: Any, field: str) -> None:
    before = snapshot(event)

    answer = register(bob, event, answers)

    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]) == [f"registration_data.{field}"]
    assert snapshot(event) == before


def test_the_waitlist_asks_the_same(event: Event, alice: Caller, bob: Caller, carol: Caller) -> None:
    alice.patch(f"/events/{event.id}", {"max_attendees": 1})
    register(carol, event, {"diet": "all"})

    assert bob.post(f"/events/{event.id}/register", {"waitlist": True}).status_code == 422
    body = {"waitlist": True, "registration_data": {"diet": "all"}}
    assert bob.post(f"/events/{event.id}/register", body).status_code == 202


def test_an_event_that_does_not_ask_takes_any_object(alice: Caller, bob: Caller) -> None:
    assert register(bob, make_event(alice), {"anything": ["goes"]}).status_code == 201


def test_the_detail_shows_the_form_and_the_list_does_not(event: Event, bob: Caller) -> None:
    assert bob.get(f"/events/{event.id}").json()["registration_form"] == FORM
    assert "registration_form" not in bob.get("/events").json()["events"][0]


def test_the_organiser_changes_and_drops_the_form(event: Event, alice: Caller, bob: Caller) -> None:
    assert alice.patch(f"/events/{event.id}", {"registration_form": None}).json()["registration_form"] is None
    assert register(bob, event, None).status_code == 201


@pytest.mark.parametrize(
    "form",
    [
        [],
        "text",
        {},
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": {"type": "object"}}},
        {"type": "object", "properties": {"A b": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://example.com/schema"}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        {"type": "object", "properties": {f"a{n}": {"type": "string"} for n in range(51)}},
        {"type": "object", "properties": {f"a{n}": {"type": "string", "title": "x" * 400} for n in range(50)}},
        {"type": "object", "properties": {"a": {"type": "string", "title": "\0"}}},
    ],
    ids=lambda form: str(form)[:60],
)
def test_another_form_is_422(alice: Caller, form: Any) -> None:
    answer = alice.post("/events", event_fields(registration_form=form))

    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]) == ["registration_form"]
    assert not Event.objects.exists()
