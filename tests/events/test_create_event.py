"""Creating an event."""

from datetime import datetime
from typing import Any

import pytest

from categories.models import Category
from events.models import Event
from tests.factories import Caller, event_fields, in_days, messages

pytestmark = pytest.mark.django_db


def full_body(start: datetime, end: datetime) -> dict[str, Any]:
    """Every field that an organiser may set."""
    return event_fields(
        description="Meet.",
        latitude=37.774929,
        longitude=-122.419416,
        start_date=start.isoformat(),
        end_date=end.isoformat(),
        timezone="America/Los_Angeles",
        max_attendees=40,
        tags=["Tech", " startup ", "tech"],
        image_url="https://example.com/a.png",
        is_virtual=True,
        virtual_link="https://meet.example.com/a",
        price="12.50",
        currency="EUR",
    )


def test_create_event_stores_what_was_asked_and_answers_it(alice: Caller) -> None:
    start, end = in_days(7), in_days(8)

    response = alice.post("/events", full_body(start, end))

    assert response.status_code == 201
    answer = response.json()
    event = Event.objects.get()
    assert answer == {
        "id": str(event.id),
        "title": "Tech Networking Meetup",
        "description": "Meet.",
        "location": "San Francisco, CA",
        "latitude": 37.774929,
        "longitude": -122.419416,
        "start_date": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end_date": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timezone": "America/Los_Angeles",
        "max_attendees": 40,
        "current_attendees": 0,
        "seats_left": 40,
        "category": "Networking",
        "category_id": str(Category.objects.get(name="Networking").id),
        "tags": ["tech", "startup"],
        "image_url": "https://example.com/a.png",
        "image_thumbnail_url": None,
        "is_virtual": True,
        "virtual_link": "https://meet.example.com/a",
        "price": "12.50",
        "currency": "EUR",
        "status": "active",
        "created_by": str(alice.id),
        "version": 1,
        "created_at": answer["created_at"],
        "updated_at": answer["updated_at"],
        "is_registered": False,
        "registration_form": None,
    }
    assert response["ETag"] == f'"{event.id}-1"'
    assert answer["created_at"].endswith("Z")


def test_create_event_tells_the_world(alice: Caller) -> None:
    event_id = alice.post("/events", event_fields()).json()["id"]

    (message,) = messages()
    assert message["event_type"] == "event.created"
    assert message["event_id"] == event_id


def test_a_draft_is_stored_in_silence(alice: Caller) -> None:
    response = alice.post("/events", event_fields(status="draft"))

    assert response.json()["status"] == "draft"
    assert messages() == []


def test_a_category_may_be_given_by_its_id(alice: Caller) -> None:
    category = Category.objects.get(name="Workshop")

    answer = alice.post("/events", event_fields(category=str(category.id))).json()

    assert (answer["category"], answer["category_id"]) == ("Workshop", str(category.id))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": "nul\0"}, "title"),
        ({"title": ["list"]}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"location": "x" * 256}, "location"),
        ({"start_date": None}, "start_date"),
        ({"start_date": "tomorrow"}, "start_date"),
        ({"start_date": "2027-01-01T10:00:00"}, "start_date"),
        ({"start_date": "10000-01-01T10:00:00Z"}, "start_date"),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, "start_date"),
        ({"start_date": "9999-12-31T23:59:59-14:00"}, "start_date"),
        ({"start_date": 1e308}, "start_date"),
        ({"end_date": "2020-01-01T00:00:00Z"}, "end_date"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"max_attendees": 0}, "max_attendees"),
        ({"max_attendees": 10_001}, "max_attendees"),
        ({"max_attendees": 2.5}, "max_attendees"),
        ({"max_attendees": 10**30}, "max_attendees"),
        ({"category": "Nonsense"}, "category"),
        ({"category": "0" * 36}, "category"),
        ({"category": {"name": "Networking"}}, "category"),
        ({"tags": [f"tag{number}" for number in range(11)]}, "tags"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": [""]}, "tags.0"),
        ({"tags": "tech"}, "tags"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": -180.5}, "longitude"),
        ({"latitude": 12}, "longitude"),
        ({"longitude": 12}, "latitude"),
        ({"latitude": "NaN", "longitude": 0}, "latitude"),
        ({"price": -1}, "price"),
        ({"price": "1.005"}, "price"),
        ({"price": 10**9}, "price"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "ABC"}, "currency"),
        ({"is_virtual": True}, "virtual_link"),
        ({"is_virtual": "maybe"}, "is_virtual"),
        ({"virtual_link": "http://example.com"}, "virtual_link"),
        ({"virtual_link": "javascript:alert(1)"}, "virtual_link"),
        ({"image_url": "https://"}, "image_url"),
        ({"image_url": "https://[bad"}, "image_url"),
        ({"status": "completed"}, "status"),
        ({"status": "cancelled"}, "status"),
        ({"id": "01890000-0000-7000-8000-000000000000"}, "id"),
        ({"current_attendees": 5}, "current_attendees"),
        ({"created_by": "01890000-0000-7000-8000-000000000000"}, "created_by"),
        ({"version": 7}, "version"),
        ({"titel": "typo"}, "titel"),
    ],
)
def test_create_event_names_the_field_that_is_wrong_and_stores_nothing(
    alice: Caller, change: dict[str, Any], field: str
) -> None:
    response = alice.post("/events", event_fields(**change))

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == [field]
    assert Event.objects.count() == 0
    assert messages() == []


def test_an_inactive_category_is_refused(alice: Caller) -> None:
    Category.objects.filter(name="Networking").update(is_active=False)

    response = alice.post("/events", event_fields())

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["category"]


def test_anonymous_callers_create_nothing(anonymous: Caller) -> None:
    assert anonymous.post("/events", event_fields()).status_code == 401
    assert Event.objects.count() == 0


def test_create_event_asks_the_database_this_often(alice: Caller, django_assert_num_queries: Any) -> None:
    """Savepoint and release, tombstone, category, event, message, the words of the search, the detail in the answer."""
    with django_assert_num_queries(8):
        alice.post("/events", event_fields())
