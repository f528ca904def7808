"""Who attends an event: ids for everybody who may see it, names while user-service has them, more for the organiser."""

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Response

from events.models import Event
from registrations.models import Registration
from registrations.services.remove_user import remove_user
from tests.factories import Caller, make_event
from tests.integrations.user_service import answer_batches, asked_in_batches

pytestmark = pytest.mark.django_db


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    settings.USER_SERVICE_TIMEOUT_SECONDS = 20
    httpserver.expect_request("/").respond_with_data("")
    answer_batches(httpserver)
    return httpserver


def path(event: Any) -> str:
    return f"/events/{event.id}/attendees"


def seat(event: Any, *guests: Caller) -> None:
    """Give them seats, in this order, without asking anybody."""
    for guest in guests:
        event.registrations.create(user_id=guest.id)
    Event.objects.filter(pk=event.pk).update(current_attendees=len(guests))


def short(guest: Caller) -> dict[str, Any]:
    number = guest.id.int
    return {"id": str(guest.id), "name": f"User {number}", "avatar_url": f"https://pictures.example/{number}.png"}


def nameless(guest: Caller) -> dict[str, Any]:
    """For the organiser, whose service could not be asked."""
    return {"id": str(guest.id), "name": None, "avatar_url": None, "location": None, "industry": None, "interests": []}


def full(guest: Caller) -> dict[str, Any]:
    return {
        **short(guest),
        "location": "San Francisco, CA",
        "industry": "Technology",
        "interests": ["AI", "Networking"],
    }


def test_whoever_may_see_the_event_sees_who_has_a_seat_first_come_first(
    alice: Caller, bob: Caller, carol: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, carol, bob)
    event.registrations.create(user_id=root.id, status="cancelled")
    event.registrations.create(user_id=alice.id, status="waitlisted", waitlist_number=1)

    with django_assert_num_queries(3):
        answer = root.get(path(event)).json()

    assert answer["attendees"] == [{"user_id": str(carol.id)}, {"user_id": str(bob.id)}]
    assert (answer["total"], answer["total_relation"], answer["has_more"]) == (2, "eq", False)


def test_strangers_see_names_and_pictures_and_nothing_else(
    alice: Caller, bob: Caller, carol: Caller, user_service: HTTPServer, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)

    with django_assert_num_queries(3):
        answer = carol.get(path(event), {"include": "profiles"}).json()

    assert answer["attendees"] == [
        {"user_id": str(bob.id), "profile": short(bob)},
        {"user_id": str(carol.id), "profile": short(carol)},
    ]
    assert asked_in_batches(user_service) == [[102, 103]]


def test_the_organiser_and_admins_see_the_profiles_in_full(
    alice: Caller, bob: Caller, root: Caller, user_service: HTTPServer
) -> None:
    event = make_event(alice)
    seat(event, bob)

    for caller in (alice, root):
        answer = caller.get(path(event), {"include": "profiles"}).json()
        assert answer["attendees"] == [{"user_id": str(bob.id), "profile": full(bob)}]
    assert asked_in_batches(user_service) == [[102]]


def test_a_page_of_a_hundred_is_one_call(alice: Caller, user_service: HTTPServer, crowd: Any) -> None:
    event = make_event(alice)
    Registration.objects.bulk_create(Registration(event=event, user_id=guest.id) for guest in crowd(120))

    first = alice.get(path(event), {"include": "profiles", "page_size": 100}).json()
    second = alice.get(path(event), {"include": "profiles", "page_size": 100, "cursor": first["next_cursor"]}).json()

    assert [len(ids) for ids in asked_in_batches(user_service)] == [100, 20]
    people = [one["user_id"] for page in (first, second) for one in page["attendees"]]
    assert len(set(people)) == 120
    assert all(one["profile"]["name"] for page in (first, second) for one in page["attendees"])


@pytest.mark.parametrize("answer", [Response("down", 503), Response("<html>"), Response("[5]"), Response("", 404)])
def test_whom_user_service_cannot_name_is_told_by_the_id(
    alice: Caller, bob: Caller, settings: Any, httpserver: HTTPServer, answer: Response
) -> None:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    httpserver.expect_request("/users/batch").respond_with_response(answer)
    event = make_event(alice)
    seat(event, bob)

    page = alice.get(path(event), {"include": "profiles"})

    assert (page.status_code, page.json()["attendees"]) == (200, [{"user_id": str(bob.id), "profile": nameless(bob)}])


def test_a_removed_user_is_named_no_more(alice: Caller, bob: Caller, carol: Caller, user_service: HTTPServer) -> None:
    event = make_event(alice)
    seat(event, bob, carol)
    alice.get(path(event), {"include": "profiles"})

    remove_user(user_id=bob.id, at=timezone.now())

    assert alice.get(path(event), {"include": "profiles"}).json()["attendees"] == [
        {"user_id": str(carol.id), "profile": full(carol)}
    ]


@pytest.mark.parametrize(
    "query", [{"include": "emails"}, {"include": "profiles,emails"}, {"page": "0"}, {"page_size": "x"}, {"cursor": "x"}]
)
def test_bad_parameters_are_refused_and_nobody_is_asked(
    alice: Caller, bob: Caller, user_service: HTTPServer, query: dict[str, str]
) -> None:
    event = make_event(alice)
    seat(event, bob)

    assert alice.get(path(event), query).status_code == 422
    assert asked_in_batches(user_service) == []


def test_who_may_not_see_the_event_does_not_see_who_attends(alice: Caller, carol: Caller, anonymous: Caller) -> None:
    draft, public = make_event(alice, status="draft"), make_event(alice)

    assert carol.get(path(draft)).status_code == 404
    assert carol.get(f"/events/{UUID(int=1)}/attendees").status_code == 404
    assert anonymous.get(path(public)).status_code == 401
    assert alice.get(path(draft)).json()["attendees"] == []


def test_the_list_of_registrations_names_the_people(
    alice: Caller, bob: Caller, carol: Caller, user_service: HTTPServer, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)

    with django_assert_num_queries(3):
        rows = alice.get(f"/events/{event.id}/registrations").json()["registrations"]

    assert [(row["user_id"], row["attendee"]) for row in rows] == [
        (str(bob.id), full(bob)),
        (str(carol.id), full(carol)),
    ]
    assert asked_in_batches(user_service) == [[102, 103]]


def test_the_list_of_registrations_does_without_user_service(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    seat(event, bob)

    (row,) = alice.get(f"/events/{event.id}/registrations").json()["registrations"]

    assert row["attendee"] == nameless(bob)
