"""`GET /events?ids=`: many events by their ids."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from tests.factories import Caller, in_days, make_event

pytestmark = pytest.mark.django_db


def ids(*events: Any) -> dict[str, str]:
    return {"ids": ",".join(str(getattr(event, "id", event)) for event in events)}


def test_the_events_come_in_the_order_of_their_ids_as_in_the_list(alice: Caller, bob: Caller) -> None:
    first, second, third = (make_event(alice, title=title, start_date=in_days(7)) for title in "abc")
    bob.post(f"/events/{second.id}/register")
    listed = {event["id"]: event for event in bob.get("/events").json()["events"]}

    answer = bob.get("/events", ids(third, first, second))

    expected = [listed[str(event.id)] for event in (third, first, second)]
    assert answer.json() == {
        "events": expected,
        "total": 3,
        "total_relation": "eq",
        "page": 1,
        "page_size": 3,
        "has_more": False,
        "next_cursor": None,
    }
    assert [event["is_registered"] for event in expected] == [False, False, True]


def test_past_and_cancelled_events_are_found_too(alice: Caller, bob: Caller) -> None:
    past, cancelled = make_event(alice), make_event(alice)
    Event.objects.filter(pk=past.pk).update(start_date=in_days(-5), status="completed")
    Event.objects.filter(pk=cancelled.pk).update(status="cancelled")

    assert [event["status"] for event in bob.get("/events", ids(past, cancelled)).json()["events"]] == [
        "completed",
        "cancelled",
    ]


def test_what_is_hidden_or_unknown_is_left_out(alice: Caller, carol: Caller, root: Caller) -> None:
    draft, public = make_event(alice, status="draft"), make_event(alice)
    asked = ids(draft, uuid4(), public, public)

    for caller, expected in ((carol, [public]), (alice, [draft, public]), (root, [draft, public])):
        events = caller.get("/events", asked).json()["events"]
        assert [event["id"] for event in events] == [str(event.id) for event in expected]


def test_an_empty_parameter_does_not_count(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)

    assert [found["id"] for found in bob.get("/events", {"ids": ""}).json()["events"]] == [str(event.id)]


def test_a_hundred_cost_one_query_and_the_own_events(
    alice: Caller, bob: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    events = [make_event(alice) for _ in range(3)]
    bob.get("/events")

    with django_assert_num_queries(1):
        answer = bob.get("/events", ids(*events, *(uuid4() for _ in range(97))))
    assert answer.json()["total"] == 3


@pytest.mark.parametrize(
    "query",
    [
        {"ids": "nonsense"},
        {"ids": "1,2"},
        {"ids": f"{uuid4()},"},
        {"ids": "\0"},
        {"ids": ",".join(str(uuid4()) for _ in range(101))},
        {"ids": str(uuid4()), "category": "Career"},
        {"ids": str(uuid4()), "page": "1"},
    ],
)
def test_a_bad_question_is_refused(bob: Caller, query: dict[str, str]) -> None:
    answer = bob.get("/events", query)

    assert (answer.status_code, list(answer.json()["error"]["details"])) == (422, ["ids"])
