"""`GET /events/popular`: what people register for just now, in a city or everywhere."""

import json
from typing import Any

import pytest
from django.db import connection
from django_redis import get_redis_connection
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from events.statistics import refresh_view
from registrations.trending import EVENT_TRENDS, POPULAR_SQL
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def fill(event: Event, people: list[Caller]) -> Event:
    for person in people:
        event.registrations.create(user_id=person.id)
    Event.objects.filter(pk=event.pk).update(current_attendees=len(people))
    return event


def popular(caller: Caller, **query: str) -> list[str]:
    answer = caller.get("/events/popular", query)
    assert answer.status_code == 200
    return [event["title"] for event in answer.json()["events"]]


@pytest.fixture
def _three(alice: Caller, crowd: Any) -> None:
    fill(make_event(alice, title="Busy", location="Genève, Suisse"), crowd(5))
    fill(make_event(alice, title="Busier", location="Lyon, France"), crowd(6))
    fill(make_event(alice, title="Busiest", location="Lyon"), crowd(7))
    make_event(alice, title="Quiet", location="geneve", start_date=in_days(1))
    refresh_view(EVENT_TRENDS)


@pytest.mark.usefixtures("_three")
def test_the_hottest_come_first(bob: Caller) -> None:
    assert popular(bob) == ["Busiest", "Busier", "Busy", "Quiet"]


@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize("location", ["Genève", "geneve", " GENÈVE , Switzerland"])
def test_a_city_is_found_however_it_is_written(bob: Caller, location: str) -> None:
    assert popular(bob, location=location) == ["Busy", "Quiet"]


@pytest.mark.usefixtures("_three")
def test_a_city_without_events_has_none(bob: Caller) -> None:
    assert popular(bob, location="Atlantis") == []


@pytest.mark.usefixtures("_three")
def test_each_event_is_as_in_the_list_with_how_many_register(bob: Caller) -> None:
    bob.post(f"/events/{Event.objects.get(title='Busy').id}/register")

    found = bob.get("/events/popular", {"location": "Genève"}).json()["events"]

    assert [event.pop("recent_registrations") for event in found] == [pytest.approx(5, abs=0.1), 0.0]
    listed = {event["title"]: event for event in bob.get("/events").json()["events"]}
    assert found == [listed["Busy"], listed["Quiet"]]
    assert [event["is_registered"] for event in found] == [True, False]


@pytest.mark.usefixtures("_three")
def test_the_second_reader_of_a_city_costs_no_query(
    bob: Caller, carol: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    carol.get("/events")  # her own events are in the cache
    popular(bob, location="Genève")

    with django_assert_num_queries(0):
        assert popular(carol, location="GENEVE") == ["Busy", "Quiet"]
    redis = get_redis_connection("default")
    assert 3200 < redis.ttl("events:popular:geneve") <= 3600


@pytest.mark.usefixtures("_three")
def test_a_first_reader_costs_one_query_and_the_own_events(
    bob: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bob.get("/events")
    with django_assert_num_queries(1):
        popular(bob, location="Lyon")


@pytest.mark.usefixtures("_three")
def test_a_cancelled_event_is_gone_at_once(alice: Caller, bob: Caller) -> None:
    assert popular(bob, location="Lyon") == ["Busiest", "Busier"]

    alice.post(f"/events/{Event.objects.get(title='Busiest').id}/cancel")

    assert popular(bob, location="Lyon") == ["Busier"]


@pytest.mark.usefixtures("_three")
def test_who_knows_the_answer_is_not_sent_it_again(bob: Caller) -> None:
    etag = bob.get("/events/popular")["ETag"]

    assert bob.get("/events/popular", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_at_most_twenty(alice: Caller, bob: Caller) -> None:
    for number in range(22):
        make_event(alice, title=str(number))
    refresh_view(EVENT_TRENDS)

    assert len(popular(bob)) == 20


@pytest.mark.parametrize("location", ["x" * 256, "Par\0is"])
def test_a_location_that_cannot_be_is_refused(bob: Caller, location: str) -> None:
    answer = bob.get("/events/popular", {"location": location})

    assert (answer.status_code, list(answer.json()["error"]["details"])) == (422, ["location"])


@pytest.mark.parametrize("location", ["'; DROP TABLE events; --", "%", "🎉", "\u202e\u05ea\u05dc", ",", " "])
def test_any_other_text_is_a_city(bob: Caller, location: str) -> None:
    assert popular(bob, location=location) == []


def test_it_counts_as_a_read_of_events(bob: Caller, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "browse": 1}

    assert [bob.get("/events/popular").status_code for _ in range(2)] == [200, 429]


def test_it_reads_the_ranks_of_one_list_in_their_order() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (FORMAT json) {POPULAR_SQL}", {"scope": "city", "city": "lyon"})
        plan = cursor.fetchone()[0]
    text = plan if isinstance(plan, str) else json.dumps(plan)

    top = json.loads(text)[0]["Plan"]
    assert (top["Node Type"], '"Sort"' in text) == ("Limit", False)
    assert "event_trends_rank_key" in text
    assert "Seq Scan" not in text
