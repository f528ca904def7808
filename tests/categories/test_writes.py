"""Admins keep the vocabulary."""

from typing import Any

import pytest

from categories.models import Category
from events.models import Event
from tests.factories import Caller, event_fields, make_event, messages

pytestmark = pytest.mark.django_db
NEW = {"name": "Hackathon", "description": "Build together", "icon": "code", "color": "#00AAff"}


def state() -> list[dict[str, Any]]:
    return list(Category.objects.order_by("id").values())


def workshop() -> Category:
    return Category.objects.get(name="Workshop")


def test_an_admin_adds_a_category_that_events_can_use_at_once(root: Caller, alice: Caller) -> None:
    response = root.post("/events/categories", NEW)

    assert response.status_code == 201
    assert {name: response.json()[name] for name in NEW} == NEW
    assert response.json()["is_active"] is True
    assert alice.post("/events", event_fields(category="Hackathon")).status_code == 201
    assert alice.get(f"/events/categories/{response.json()['id']}").json() == response.json()


def test_a_rename_is_written_on_every_event_and_is_no_edit_of_it(root: Caller, alice: Caller) -> None:
    event, other = make_event(alice, category="Workshop"), make_event(alice)
    said = messages()

    response = root.patch(f"/events/categories/{workshop().id}", {"name": "Masterclass"})

    assert (response.status_code, response.json()["name"]) == (200, "Masterclass")
    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.category, event.version, other.category) == ("Masterclass", 1, "Networking")
    assert messages() == said
    assert [row["title"] for row in alice.get("/events", {"category": "Masterclass"}).json()["events"]] == [event.title]


def test_put_keeps_what_it_does_not_name(root: Caller) -> None:
    before = workshop()

    answer = root.call("PUT", f"/events/categories/{before.id}", {"name": "Workshop", "color": None}).json()

    assert (answer["color"], answer["icon"], answer["description"]) == (None, before.icon, before.description)


def test_an_inactive_category_stays_on_its_events_and_is_offered_to_no_new_one(root: Caller, alice: Caller) -> None:
    event = make_event(alice, category="Workshop")

    assert root.patch(f"/events/categories/{workshop().id}", {"is_active": False}).status_code == 200

    assert alice.get(f"/events/{event.id}").json()["category"] == "Workshop"
    assert alice.post("/events", event_fields(category="Workshop")).status_code == 422
    assert len(alice.get("/events/categories").json()) == 5
    assert len(alice.get("/events/categories", {"include_inactive": "true"}).json()) == 5
    assert len(root.get("/events/categories", {"include_inactive": "true"}).json()) == 6


def test_an_event_of_an_inactive_category_can_still_be_edited(root: Caller, alice: Caller) -> None:
    event = make_event(alice, category="Workshop")
    root.patch(f"/events/categories/{workshop().id}", {"is_active": False})

    assert alice.patch(f"/events/{event.id}", {"title": "New"}).status_code == 200


def test_a_category_in_use_cannot_be_deleted(root: Caller, alice: Caller) -> None:
    make_event(alice, category="Workshop")
    before = state()

    response = root.delete(f"/events/categories/{workshop().id}")

    assert (response.status_code, response.json()["error"]["details"]) == (409, {"reason": ["category_in_use"]})
    assert "deactivate" in response.json()["error"]["message"]
    assert state() == before
    assert Event.objects.get().category == "Workshop"


def test_a_category_that_no_event_uses_can(root: Caller) -> None:
    category = workshop()

    assert root.delete(f"/events/categories/{category.id}").status_code == 204
    assert root.delete(f"/events/categories/{category.id}").status_code == 404
    assert Category.objects.count() == 5


def test_two_categories_cannot_share_a_name(root: Caller) -> None:
    before = state()

    created = root.post("/events/categories", {"name": "Workshop"})
    renamed = root.patch(f"/events/categories/{workshop().id}", {"name": "Webinar"})

    assert [answer.json()["error"]["details"] for answer in (created, renamed)] == [
        {"reason": ["category_name_taken"]}
    ] * 2
    assert (created.status_code, renamed.status_code) == (409, 409)
    assert state() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": None}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"color": "red"}, "color"),
        ({"color": "#12345"}, "color"),
        ({"icon": "x" * 51}, "icon"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"id": "01890000-0000-7000-8000-000000000000"}, "id"),
        ({"colour": "#123456"}, "colour"),
    ],
)
def test_a_bad_field_is_named_and_nothing_changes(root: Caller, change: dict[str, Any], field: str) -> None:
    before = state()

    created = root.post("/events/categories", {**NEW, **change})
    changed = root.patch(f"/events/categories/{workshop().id}", change)

    assert [answer.status_code for answer in (created, changed)] == [422, 422]
    assert [list(answer.json()["error"]["details"]) for answer in (created, changed)] == [[field], [field]]
    assert state() == before


def test_nobody_but_an_admin_writes(alice: Caller, anonymous: Caller) -> None:
    before, path = state(), f"/events/categories/{workshop().id}"

    for who, status in ((alice, 403), (anonymous, 401)):
        assert who.post("/events/categories", NEW).status_code == status
        assert who.patch(path, {"name": "Mine"}).status_code == status
        assert who.call("PUT", path, {"name": "Mine"}).status_code == status
        assert who.delete(path).status_code == status
    assert state() == before
