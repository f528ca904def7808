"""Who attends an event: ids for everybody who may see it, names while user-service has them, more for the organiser."""

from typing import Any
from uuid import UUID

import pytest
from django.core import signing
from django.utils import timezone
from django_redis import get_redis_connection
from pytest_httpserver import HTTPServer
from werkzeug import Response

from events.models import Event
from meetinity_events.api.pagination import CURSOR_SALT
from registrations.models import Registration
from registrations.services.remove_user import remove_user
from tests.api.redis_elsewhere import use_redis
from tests.factories import Caller, in_days, make_event
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

    with django_assert_num_queries(2):
        answer = root.get(path(event)).json()

    assert answer["attendees"] == [{"user_id": str(carol.id)}, {"user_id": str(bob.id)}]
    assert (answer["total"], answer["total_relation"], answer["has_more"]) == (2, "eq", False)


def test_strangers_see_names_and_pictures_and_nothing_else(
    alice: Caller, bob: Caller, carol: Caller, user_service: HTTPServer, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)

    with django_assert_num_queries(2):
        answer = carol.get(path(event), {"include": "profiles"}).json()

    assert answer["attendees"] == [
        {"user_id": str(bob.id), "profile": short(bob)},
        {"user_id": str(carol.id), "profile": short(carol)},
    ]
    assert asked_in_batches(user_service) == [[102, 103]]


def test_the_organiser_admins_and_services_see_the_profiles_in_full(
    alice: Caller, bob: Caller, root: Caller, neighbour: Caller, user_service: HTTPServer
) -> None:
    event = make_event(alice)
    seat(event, bob)

    for caller in (alice, root, neighbour):
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


def test_a_removed_user_is_named_no_more(
    alice: Caller, bob: Caller, carol: Caller, user_service: HTTPServer, django_capture_on_commit_callbacks: Any
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)
    alice.get(path(event), {"include": "profiles"})

    with django_capture_on_commit_callbacks(execute=True):
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


def test_who_may_not_see_the_event_does_not_see_who_attends(
    alice: Caller, carol: Caller, neighbour: Caller, anonymous: Caller
) -> None:
    draft, public = make_event(alice, status="draft"), make_event(alice)

    assert neighbour.get(path(draft)).status_code == 404
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


def ids(caller: Caller, event: Any, **query: Any) -> list[str]:
    return [one["user_id"] for one in caller.get(path(event), query).json()["attendees"]]


def test_the_first_hundred_are_kept_under_the_platforms_key_for_five_minutes(
    alice: Caller, bob: Caller, carol: Caller, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)
    ids(alice, event)

    with django_assert_num_queries(1):
        assert ids(alice, event, page_size=1) == [str(bob.id)]
    with django_assert_num_queries(1):
        assert ids(alice, event, limit=1, offset=1) == [str(carol.id)]
    assert 269 < get_redis_connection("default").ttl(f"event:{event.id}:attendees") <= 300


def test_a_change_of_the_seats_shows_at_once(alice: Caller, bob: Caller, carol: Caller, root: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    assert ids(alice, event) == []

    bob.post(f"/events/{event.id}/register")
    assert ids(alice, event) == [str(bob.id)]
    carol.post(f"/events/{event.id}/register", {"waitlist": True})
    assert ids(alice, event) == [str(bob.id)]
    bob.delete(f"/events/{event.id}/register")
    assert ids(alice, event) == [str(carol.id)]
    root.post(f"/events/{event.id}/register", {"waitlist": True})
    alice.patch(f"/events/{event.id}", {"max_attendees": 2})
    assert sorted(ids(alice, event)) == [str(carol.id), str(root.id)]
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})
    assert ids(alice, event) == []


def test_what_went_past_the_services_shows_when_the_key_is_gone(alice: Caller, bob: Caller) -> None:
    """The control of the one above: the list does come from the cache."""
    event = make_event(alice)
    ids(alice, event)
    seat(event, bob)

    assert ids(alice, event) == []
    get_redis_connection("default").delete(f"event:{event.id}:attendees")
    assert ids(alice, event) == [str(bob.id)]


def test_a_removed_user_is_gone_from_the_lists_of_past_events_at_once(
    alice: Caller, bob: Caller, carol: Caller
) -> None:
    event = make_event(alice)
    seat(event, bob, carol)
    Event.objects.filter(pk=event.pk).update(start_date=in_days(-3), status="completed")
    assert ids(alice, event) == [str(bob.id), str(carol.id)]

    remove_user(user_id=bob.id, at=timezone.now())

    anonymous_id, own = ids(alice, event)
    assert (anonymous_id != str(bob.id), own) == (True, str(carol.id))


@pytest.mark.parametrize("size", [100, 101, 130])
def test_pages_of_the_cache_and_of_the_database_are_the_same(
    alice: Caller, crowd: Any, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    event = make_event(alice)
    Registration.objects.bulk_create(Registration(event=event, user_id=guest.id) for guest in crowd(size))
    questions: list[dict[str, Any]] = [
        {},
        {"page_size": 100},
        {"page": 2, "page_size": 50},
        {"page": 3, "page_size": 50},
        {"limit": 60, "offset": 50},
        {"limit": 10, "offset": 90},
        {"page": 7},
    ]

    def read(question: dict[str, Any]) -> dict[str, Any]:
        """The answer, its cursor without the time of its signature."""
        answer: dict[str, Any] = alice.get(path(event), question).json()
        cursor = answer.pop("next_cursor")
        return {**answer, "cursor": cursor and signing.loads(cursor, salt=CURSOR_SALT)}

    cached = [read(question) for question in questions]
    monkeypatch.setattr("registrations.api.attendees.FIRST", 0)
    assert cached == [read(question) for question in questions]
    assert cached[0]["total"] == size


def test_without_redis_the_database_is_asked_each_time(
    alice: Caller, bob: Caller, settings: Any, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    seat(event, bob)
    use_redis(settings, "redis://127.0.0.1:9/0")

    for _ in range(2):
        with django_assert_num_queries(2):
            assert ids(alice, event) == [str(bob.id)]
