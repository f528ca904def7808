"""Hostile bodies for every write: refused with 4xx, and nothing has changed."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from rest_framework.response import Response

from categories.models import Category
from events.models import Event
from integrations.models import OutboxMessage, ReplayedRequest
from registrations.models import Registration
from tests.authorization.test_table import TABLE, Row, name
from tests.factories import Caller, event_fields, make_event

pytestmark = pytest.mark.django_db

WRITES = tuple({(row.method, row.route): row for row in TABLE if row.method in ("POST", "PUT", "PATCH")}.values())
WITHOUT_FIELDS = ("publish", "complete", "unregister", "calendar-feed", "image")
WITH_FIELDS = [row for row in WRITES if not row.route.endswith(WITHOUT_FIELDS)]

UNREADABLE: dict[str, bytes] = {
    "not json": b"{",
    "two values": b"{}{}",
    "not utf-8": b'{"title": "\xff"}',
    "NaN": b'{"price": NaN}',
    "infinity": b'{"price": -Infinity}',
    "lone surrogate": b'{"title": "\\ud800"}',
    "nested bomb": b"[" * 100_000,
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
}
WRONG: dict[str, Any] = {
    "a list": [],
    "a text": "text",
    "a number": 5,
    "an unknown field": {"nonsense": 1},
    "NUL in a key": {"ti\0tle": "x"},
    "another's id": {"id": str(uuid4())},
    "a version": {"version": 99},
    "the year 10000": {"start_date": "10000-01-01T00:00:00Z"},
    "before all time": {"start_date": "0001-01-01T00:00:00+14:00"},
    "an offset of a week": {"start_date": "2030-01-01T00:00:00+99:99"},
    "no offset": {"end_date": "2030-01-01T00:00:00"},
    "a zone of no map": {"timezone": "Atlantis/Poseidonis"},
}


GUEST = uuid4()


def everything() -> list[list[dict[str, Any]]]:
    return [list(model.objects.order_by("pk").values()) for model in (Event, Registration, Category, OutboxMessage)]


def path_of(row: Row, event: Event) -> str:
    category = Category.objects.get(name="Career")
    path = f"/{row.route}".replace("<uuid:event_id>", str(event.id)).replace("<uuid:category_id>", str(category.id))
    guest, _ = event.registrations.get_or_create(user_id=GUEST)
    path = path.replace("<uuid:registration_id>", str(guest.id))
    return path.replace("<uuid:user_id>", str(event.created_by))


def send_each(caller: Caller, row: Row, path: str, bodies: dict[str, Any]) -> dict[str, Response]:
    """The answer to each body, as if it was the first of the hour."""
    answers = {}
    for kind, body in bodies.items():
        cache.clear()
        answers[kind] = caller.call(row.method, path, body)
    return answers


@pytest.mark.parametrize("row", WITH_FIELDS, ids=name)
def test_what_is_no_json_is_400(row: Row, root: Caller) -> None:
    event = make_event(root)
    path, before = path_of(row, event), everything()

    answers = send_each(root, row, path, UNREADABLE)

    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(UNREADABLE, 400)
    assert everything() == before


@pytest.mark.parametrize("row", WITH_FIELDS, ids=name)
def test_what_is_no_object_of_this_call_is_422(row: Row, root: Caller) -> None:
    event = make_event(root)
    path, before = path_of(row, event), everything()

    answers = send_each(root, row, path, WRONG)

    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(WRONG, 422)
    assert all(answer.json()["error"]["details"] for answer in answers.values())
    assert everything() == before


@pytest.mark.parametrize("row", WRITES, ids=name)
def test_one_byte_over_a_megabyte_is_413(row: Row, root: Caller) -> None:
    event = make_event(root)
    path, before = path_of(row, event), everything()
    body = b'{"title": "' + b"x" * (1024 * 1024 + 1 - 13) + b'"}'
    assert len(body) == 1024 * 1024 + 1

    assert root.call(row.method, path, body).status_code == 413
    assert everything() == before
    assert ReplayedRequest.objects.count() == 0


@pytest.mark.parametrize("row", WITH_FIELDS, ids=name)
def test_a_body_that_is_not_json_by_its_type_is_415(row: Row, root: Caller) -> None:
    event = make_event(root)
    path, before = path_of(row, event), everything()

    response = root.call(row.method, path, b"<xml/>", CONTENT_TYPE="application/xml")

    assert response.status_code == 415
    assert everything() == before


def test_the_control_a_good_body_does_change_something(root: Caller) -> None:
    before = everything()

    assert root.post("/events", event_fields()).status_code == 201
    assert everything() != before
