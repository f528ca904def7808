"""Reads out of the cache: the same bytes, no query, nothing late after a change, nothing of anybody else's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django_redis import get_redis_connection

from events.api import pages
from events.api.pages import make_page, read_question
from events.api.serializers import EventDetailBody, EventPage
from events.models import Event
from meetinity_events.api.json import JSONRenderer
from tests.factories import Caller, in_days, make_event

pytestmark = pytest.mark.django_db

ODD = datetime(2031, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pages_outlive_a_slow_machine(settings: Any) -> None:
    settings.CACHE_TIMEOUTS = {**settings.CACHE_TIMEOUTS, "event_pages": 600}


def make_odd_event(organiser: Caller) -> Event:
    """Every column has something that two writers of JSON could write in two ways."""
    return make_event(
        organiser,
        title='Tab\there, "quotes", \\u0000, é, 🎉, \u2028 and <b>',
        description="\x7f",
        start_date=ODD,
        end_date=in_days(3000),
        timezone="Europe/Paris",
        latitude="1.00000001",
        longitude="-120",
        max_attendees=7,
        tags=["a", "ü"],
        price="3.10",
        registration_form={"properties": {"diet": {"type": "string", "title": "Ünüsual"}}},
    )


def as_documented(event: Event, **more: Any) -> dict[str, Any]:
    """What the serializers read."""
    seats = None if event.max_attendees is None else event.max_attendees - event.current_attendees
    row = Event.objects.filter(pk=event.pk).values().get()
    return {**row, "seats_left": seats, **more}


def test_a_detail_is_what_the_serializer_writes(alice: Caller, bob: Caller) -> None:
    event = make_odd_event(alice)
    bob.post(f"/events/{event.id}/register", {"registration_data": {"diet": "vegan"}})
    event.refresh_from_db()
    expected = JSONRenderer().render(EventDetailBody(as_documented(event, is_registered=True)).data)

    assert [bob.get(f"/events/{event.id}").content for _ in range(2)] == [expected] * 2


def test_a_page_is_what_the_serializer_writes(alice: Caller, bob: Caller) -> None:
    events = [make_event(alice), make_odd_event(alice), make_event(alice, start_date=in_days(3001))]
    bob.post(f"/events/{events[2].id}/register")
    rows = [as_documented(Event.objects.get(pk=e.pk), is_registered=e is events[2]) for e in events]
    paging = {"total": 3, "total_relation": "eq", "page": 1, "page_size": 20, "has_more": False, "next_cursor": None}
    paging |= {"limit": 20, "offset": 0, "next_offset": None}
    documented = EventPage({"events": rows, **paging}).data
    expected = JSONRenderer().render({"events": documented["events"], **documented})

    answers = [bob.get("/events?limit=20") for _ in range(2)]

    assert [answer.content for answer in answers] == [expected] * 2
    assert [answer["Content-Length"] for answer in answers] == [str(len(expected))] * 2


QUESTIONS = (
    "",
    "category=Workshop",
    "category_id={category_id}",
    "created_by={organiser}",
    "is_free=true",
    "is_free=false",
    "is_virtual=true",
    "price_max=10",
    "start_after=2020-01-01T00:00:00Z",
    "start_before=2031-01-01T00:00:00Z",
    "status=cancelled",
    "status=active&sort=recent",
    "tags=Rust,web",
    "tags_all=web,python",
    "sort=popular",
    "sort=recent&page_size=2",
    "limit=2&offset=1",
    "page=2&page_size=2",
    "page=9&page_size=2",
    "category=Workshop&is_free=true&tags=web&start_after=2020-01-01T00:00:00Z",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_constant_sql_and_the_query_set_give_the_same_bytes(
    question: str, alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_event(alice, category="Workshop", tags=["python", "web"], start_date=in_days(2))
    make_event(alice, price="12.50", start_date=in_days(1))
    make_event(bob, is_virtual=True, virtual_link="https://example.com", start_date=in_days(3))
    Event.objects.filter(pk=make_event(alice, start_date=in_days(4)).pk).update(status="cancelled")
    text = question.format(category_id=first.category_ref_id, organiser=alice.id)
    given = read_question(QueryDict(text))

    constant = make_page(given)
    monkeypatch.setattr(pages, "FILTERS", frozenset())
    composed = make_page(given, Event.objects.visible_to(bob.id, is_admin=False))

    assert without_cursor(constant) == without_cursor(composed)


def without_cursor(neutral: bytes) -> bytes:
    """The JSON up to the cursor, which is signed at its second."""
    return neutral.partition(b"\n")[2].partition(b'"next_cursor":"')[0]


@pytest.mark.parametrize("path", ["/events", "/events?category=Networking&page_size=5", "/events/{id}"])
def test_what_is_in_the_cache_costs_no_query(
    path: str, alice: Caller, bob: Caller, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    bob.get(path.format(id=event.id))

    with django_assert_num_queries(0):
        assert bob.get(path.format(id=event.id)).status_code == 200


def test_a_detail_costs_one_query_and_one_for_all_of_the_callers_events(
    alice: Caller, bob: Caller, carol: Caller, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)

    with django_assert_num_queries(2):
        bob.get(f"/events/{event.id}")
    with django_assert_num_queries(1):
        carol.get(f"/events/{event.id}")


def test_each_caller_sees_the_own_registrations(alice: Caller, bob: Caller, carol: Caller) -> None:
    first, second = make_event(alice, start_date=in_days(1)), make_event(alice, start_date=in_days(2))
    bob.post(f"/events/{first.id}/register")
    carol.post(f"/events/{second.id}/register")

    def flags(caller: Caller) -> list[bool]:
        return [event["is_registered"] for event in caller.get("/events").json()["events"]]

    assert [flags(caller) for caller in (alice, bob, carol, alice)] == [
        [False, False],
        [True, False],
        [False, True],
        [False, False],
    ]


def seen(caller: Caller, event: Event) -> tuple[Any, ...]:
    """The event in the detail and in the list, as far as the changes below move it."""
    detail = caller.get(f"/events/{event.id}").json()
    listed = [entry for entry in caller.get("/events").json()["events"] if entry["id"] == str(event.id)]
    return tuple(
        (e.get("title"), e.get("category"), e.get("status"), e.get("is_registered")) for e in [detail, *listed]
    )


CHANGES = {
    "edited": ("PATCH", "/events/{id}", {"title": "Another"}),
    "cancelled": ("POST", "/events/{id}/cancel", None),
    "deleted": ("DELETE", "/events/{id}", None),
    "joined": ("POST", "/events/{id}/register", None),
    "renamed": ("PATCH", "/events/categories/{category_id}", {"name": "Renamed"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows_at_once(change: str, alice: Caller, root: Caller) -> None:
    event = make_event(alice)
    (method, path, body), writer = CHANGES[change], root if change == "renamed" else alice
    before = [seen(alice, event) for _ in range(2)]

    response = writer.call(method, path.format(id=event.id, category_id=event.category_ref_id), body)

    after = seen(alice, event)
    assert (response.status_code in (200, 201, 204), before[0]) == (True, before[1])
    assert after[0] != before[0][0]
    assert after[1:] != before[0][1:]


def test_a_published_draft_and_a_completed_event_show_at_once(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, status="draft")
    assert [entry["id"] for entry in bob.get("/events").json()["events"]] == []

    alice.post(f"/events/{event.id}/publish")
    assert [entry["id"] for entry in bob.get("/events").json()["events"]] == [str(event.id)]
    assert bob.get(f"/events/{event.id}").json()["status"] == "active"

    Event.objects.filter(pk=event.pk).update(start_date=in_days(-1))
    alice.post(f"/events/{event.id}/complete")
    assert bob.get(f"/events/{event.id}").json()["status"] == "completed"


def test_whoever_loses_or_gets_a_seat_sees_it_at_once(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    bob.post(f"/events/{event.id}/register")
    carol.post(f"/events/{event.id}/register", {"waitlist": True})

    def flags() -> list[bool]:
        return [caller.get(f"/events/{event.id}").json()["is_registered"] for caller in (bob, carol)]

    assert flags() == [True, False]
    bob.delete(f"/events/{event.id}/register")
    assert flags() == [False, True]
    alice.post(f"/events/{event.id}/cancel")
    assert flags() == [False, False]


def test_the_platforms_keys_live_no_longer_than_its_document_says(alice: Caller) -> None:
    event = make_event(alice)
    for path in (f"/events/{event.id}", "/events", "/events/categories"):
        alice.get(path)

    limits = {
        f"event:{event.id}": 1800,
        f"user:{alice.id}:events": 600,
        "events:categories": 86400,
        "events:list:{}": 600,
    }
    ttls = {key: get_redis_connection("default").ttl(key) for key in limits}
    assert {key: 0.9 * limits[key] - 60 <= ttl <= limits[key] for key, ttl in ttls.items()} == dict.fromkeys(
        limits, True
    )


def test_a_detail_counts_seats_exactly_and_a_list_may_be_seconds_late(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=5)
    alice.get("/events")
    alice.get(f"/events/{event.id}")

    bob.post(f"/events/{event.id}/register")

    assert alice.get(f"/events/{event.id}").json()["seats_left"] == 4
    assert alice.get("/events").json()["events"][0]["seats_left"] == 5


@pytest.mark.parametrize("first", ["alice", "root"])
def test_a_draft_never_reaches_the_cache(first: str, alice: Caller, bob: Caller, root: Caller) -> None:
    event = make_event(alice, status="draft")
    reader = {"alice": alice, "root": root}[first]

    for path in (f"/events/{event.id}", "/events?status=draft"):
        assert reader.get(path).status_code == 200
    assert [entry["id"] for entry in reader.get("/events?status=draft").json()["events"]] == [str(event.id)]

    assert bob.get(f"/events/{event.id}").status_code == 404
    assert bob.get("/events?status=draft").json()["events"] == []


def test_a_question_is_the_same_in_any_order_and_with_any_ornament() -> None:
    plain = read_question(QueryDict("category=Career&page=2"))

    assert plain == read_question(QueryDict("page=2&unknown=x&tags=&category=Career"))
    assert list(plain) == ["category", "page"]


def test_parameters_cannot_pretend_to_be_others(alice: Caller, bob: Caller) -> None:
    make_event(alice, title="hers")
    make_event(bob, title="his", category="Career")

    assert len(alice.get("/events?category=Career%26page_size%3D1").json()["events"]) == 0
    assert [event["title"] for event in alice.get("/events?category=Career&page_size=1").json()["events"]] == ["his"]


def test_a_direct_caller_is_told_that_nothing_has_changed(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    etag = bob.get("/events")["ETag"]

    again = bob.get("/events", HTTP_IF_NONE_MATCH=f'"other", W/{etag}')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert bob.get("/events", HTTP_IF_NONE_MATCH=etag, HTTP_X_FORWARDED_FOR="10.0.0.1").status_code == 200
    assert bob.get(f"/events/{event.id}", HTTP_IF_NONE_MATCH=f'"{event.id}-1"').status_code == 200

    bob.post(f"/events/{event.id}/register")
    assert bob.get("/events", HTTP_IF_NONE_MATCH=etag).status_code == 200
