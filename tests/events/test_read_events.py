"""Finding events and reading one."""

from typing import Any

import pytest
from django.core.cache import cache

from events.api.dialects.canonical import SELECTED, event_body
from events.api.serializers import EventBody
from events.models import Event
from events.popularity import refresh_popularity
from meetinity_events.api.json import JSONRenderer
from tests.factories import Caller, in_days, make_event

pytestmark = pytest.mark.django_db


def titles(caller: Caller, **query: Any) -> list[str]:
    response = caller.get("/events", query)
    assert response.status_code == 200, response.json()
    return [event["title"] for event in response.json()["events"]]


def test_the_list_shows_coming_active_events_by_start(alice: Caller, bob: Caller) -> None:
    make_event(alice, title="second", start_date=in_days(5))
    make_event(alice, title="first", start_date=in_days(2))
    make_event(alice, title="past", start_date=in_days(-2))
    make_event(alice, title="draft", status="draft")

    response = bob.get("/events")

    assert [event["title"] for event in response.json()["events"]] == ["first", "second"]
    assert {name: value for name, value in response.json().items() if name != "events"} == {
        "total": 2,
        "total_relation": "eq",
        "page": 1,
        "page_size": 20,
        "has_more": False,
        "next_cursor": None,
    }


def test_a_list_costs_two_queries_however_long_it_is(
    alice: Caller, bob: Caller, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        make_event(alice, title=str(number))

    with django_assert_num_queries(2):
        assert len(titles(bob)) == 12


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": "Workshop"}, ["workshop"]),
        ({"tags": "python,rust"}, ["workshop"]),
        ({"tags": "Python"}, ["workshop"]),
        ({"tags": f"python,{'x' * 50}", "category": ""}, ["workshop"]),
        ({"tags_all": "python,rust"}, []),
        ({"tags_all": "python,web"}, ["workshop"]),
        ({"location": "BERLIN"}, ["workshop"]),
        ({"is_virtual": "true"}, ["online"]),
        ({"is_virtual": "false"}, ["workshop", "dear"]),
        ({"is_free": "true"}, ["workshop", "online"]),
        ({"is_free": "false"}, ["dear"]),
        ({"price_max": "10"}, ["workshop", "online"]),
        ({"price_max": "10.5"}, ["workshop", "online", "dear"]),
        ({"search": "LEARN"}, ["workshop"]),
        ({"status": "cancelled"}, []),
        ({"status": "", "category": "", "search": ""}, ["workshop", "online", "dear"]),
        ({"sort": "recent"}, ["dear", "online", "workshop"]),
        ({"sort": "upcoming", "is_free": "true"}, ["workshop", "online"]),
    ],
)
def test_filters_narrow_the_list(alice: Caller, bob: Caller, query: dict[str, str], found: list[str]) -> None:
    make_event(
        alice,
        title="workshop",
        category="Workshop",
        tags=["python", "web"],
        location="Berlin, Germany",
        description="Come and learn.",
        start_date=in_days(1),
    )
    make_event(
        alice, title="online", is_virtual=True, virtual_link="https://example.com", location=None, start_date=in_days(2)
    )
    make_event(alice, title="dear", price="10.50", start_date=in_days(3))

    assert titles(bob, **query) == found


def test_a_window_of_time_is_half_open_and_reaches_into_the_past(alice: Caller, bob: Caller) -> None:
    past, soon = in_days(-3), in_days(3)
    make_event(alice, title="past", start_date=past)
    make_event(alice, title="soon", start_date=soon)

    assert titles(bob, start_after=past.isoformat()) == ["past", "soon"]
    assert titles(bob, start_before=soon.isoformat()) == ["past"]
    assert titles(bob, start_after=soon.isoformat(), start_before=in_days(4).isoformat()) == ["soon"]


def test_a_filter_by_organiser_and_by_category_id(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, title="hers", category="Career")
    make_event(bob, title="his")

    assert titles(bob, created_by=str(alice.id)) == ["hers"]
    assert titles(bob, category_id=str(event.category_ref_id)) == ["hers"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"start_after": "soon"}, "start_after"),
        ({"is_free": "perhaps", "price_max": "x"}, "price_max"),
        ({"price_max": "-1"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"category_id": "x"}, "category_id"),
        ({"created_by": "alice"}, "created_by"),
        ({"sort": "magic"}, "sort"),
        ({"search": "x" * 201}, "search"),
        ({"search": "nul\0"}, "search"),
        ({"location": "nul\0"}, "location"),
        ({"tags": "nul\0"}, "tags"),
        ({"tags": f"python,{'x' * 51}"}, "tags"),
        ({"tags_all": "x" * 51}, "tags_all"),
        ({"category": "x" * 101}, "category"),
        ({"page": "0"}, "page"),
        ({"page": "-1"}, "page"),
        ({"page": "ten"}, "page"),
        ({"page": "9" * 40}, "page"),
        ({"page_size": "0"}, "page_size"),
        ({"cursor": "tampered"}, "cursor"),
        ({"cursor": "x", "page": "2"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "3", "page": "2"}, "offset"),
        ({"latitude": "91", "longitude": "0"}, "latitude"),
        ({"latitude": "1"}, "longitude"),
        ({"radius_km": "5"}, "latitude"),
        ({"radius_km": "0", "latitude": "1", "longitude": "1"}, "radius_km"),
        ({"radius_km": "50000", "latitude": "1", "longitude": "1"}, "radius_km"),
        ({"sort": "distance"}, "latitude"),
    ],
)
def test_a_bad_parameter_is_named(bob: Caller, query: dict[str, str], field: str) -> None:
    response = bob.get("/events", query)

    assert response.status_code == 422
    assert field in response.json()["error"]["details"]


def test_pages_by_number_end_in_an_empty_one(alice: Caller, bob: Caller, django_assert_num_queries: Any) -> None:
    for number in range(5):
        make_event(alice, title=str(number), start_date=in_days(number + 1))

    assert titles(bob, page=1, page_size=2) == ["0", "1"]
    assert titles(bob, page=3, page_size=2) == ["4"]
    with django_assert_num_queries(0):  # the total is known by now
        beyond = bob.get("/events", {"page": 4, "page_size": 2})
    assert (beyond.status_code, beyond.json()["events"], beyond.json()["total"]) == (200, [], 5)


def test_a_page_size_above_the_largest_is_clamped(bob: Caller) -> None:
    assert bob.get("/events", {"page_size": 5000}).json()["page_size"] == 100


def test_pages_by_offset_say_where_to_go_on(alice: Caller, bob: Caller) -> None:
    for number in range(5):
        make_event(alice, title=str(number), start_date=in_days(number + 1))

    first = bob.get("/events", {"limit": 2, "offset": 1}).json()
    last = bob.get("/events", {"limit": 2, "offset": 3}).json()
    beyond = bob.get("/events", {"offset": 5}).json()

    assert [event["title"] for event in first["events"]] == ["1", "2"]
    assert (first["limit"], first["offset"], first["next_offset"], first["total"]) == (2, 1, 3, 5)
    assert ([event["title"] for event in last["events"]], last["next_offset"]) == (["3", "4"], None)
    assert (beyond["events"], beyond["limit"], beyond["next_offset"]) == ([], 20, None)


def test_the_popular_come_first_once_their_popularity_is_counted(alice: Caller, bob: Caller, carol: Caller) -> None:
    loud, quiet = make_event(alice, title="loud", start_date=in_days(9)), make_event(alice, title="quiet")
    for guest, event in ((bob, loud), (carol, loud), (bob, quiet)):
        guest.post(f"/events/{event.id}/register")
    assert titles(bob, sort="popular") == ["quiet", "loud"]

    assert [refresh_popularity(), refresh_popularity()] == [2, 0]
    cache.clear()  # a page may be seconds old

    assert titles(bob, sort="popular") == ["loud", "quiet"]


@pytest.mark.parametrize("sort", ["upcoming", "recent", "popular"])
def test_cursors_lead_through_every_event_once_while_rows_come_and_go(alice: Caller, bob: Caller, sort: str) -> None:
    same_start = in_days(4)
    for number in range(7):
        make_event(alice, title=str(number), start_date=same_start)
    first = bob.get("/events", {"page_size": 3, "sort": sort}).json()
    Event.objects.filter(pk=first["events"][0]["id"]).delete()
    second = bob.get("/events", {"page_size": 3, "sort": sort, "cursor": first["next_cursor"]}).json()
    third = bob.get("/events", {"page_size": 3, "sort": sort, "cursor": second["next_cursor"]}).json()

    seen = [event["title"] for page in (first, second, third) for event in page["events"]]
    assert sorted(seen) == [str(number) for number in range(7)]
    assert (third["has_more"], third["next_cursor"]) == (False, None)


def test_a_cursor_of_another_sort_is_refused(alice: Caller, bob: Caller) -> None:
    make_event(alice)
    make_event(alice)
    cursor = bob.get("/events", {"page_size": 1}).json()["next_cursor"]

    response = bob.get("/events", {"page_size": 1, "sort": "recent", "cursor": cursor})

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["cursor"]


def test_the_list_and_the_serializer_write_the_same(alice: Caller) -> None:
    make_event(alice, latitude="1.5", longitude="2.25", price="3.10", max_attendees=4, end_date=in_days(9))
    row = Event.objects.values(*SELECTED).get()

    documented = EventBody({**row, "seats_left": 4}).data

    assert JSONRenderer().render(event_body(row)) != b""
    assert {name: str(value) for name, value in documented.items() if not name.endswith(("_at", "_date"))} == {
        name: str(value) for name, value in event_body(row).items() if not name.endswith(("_at", "_date"))
    }
    assert set(documented) == set(event_body(row))


def test_a_detail_says_whether_the_caller_is_registered(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice, max_attendees=2)
    bob.post(f"/events/{event.id}/register")

    assert bob.get(f"/events/{event.id}").json()["is_registered"] is True
    answer = carol.get(f"/events/{event.id}")
    assert answer.json()["is_registered"] is False
    assert (answer.json()["current_attendees"], answer.json()["seats_left"]) == (1, 1)
    assert answer["ETag"] == f'"{event.id}-1"'


def test_an_unlimited_event_has_no_number_of_seats_left(alice: Caller) -> None:
    event = make_event(alice)

    assert alice.get(f"/events/{event.id}").json()["seats_left"] is None


def test_a_draft_is_there_for_its_owner_and_admins_alone(alice: Caller, bob: Caller, root: Caller) -> None:
    event = make_event(alice, title="draft", status="draft")

    assert [caller.get(f"/events/{event.id}").status_code for caller in (alice, bob, root)] == [200, 404, 200]
    assert [titles(caller, status="draft") for caller in (alice, bob, root)] == [["draft"], [], ["draft"]]


def test_an_unknown_event_is_404(bob: Caller) -> None:
    response = bob.get("/events/01890000-0000-7000-8000-000000000000")

    assert response.status_code == 404
    assert response.json()["error"] == {"code": 404, "message": "There is no such event.", "details": {}}
