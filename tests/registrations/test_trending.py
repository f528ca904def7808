"""The view `event_trends`: which coming events people register for just now."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Event
from events.statistics import refresh_view
from registrations.sample_data.places import CITIES
from registrations.sample_data.topics import TOPICS
from registrations.trending import EVENT_TRENDS, HALF_LIFE_SECONDS, city_of, count_recent, word_of
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def join(event: Event, people: int, *, days_ago: float = 0.0, status: str = "registered") -> None:
    at = timezone.now() - timedelta(days=days_ago)
    for _ in range(people):
        event.registrations.create(user_id=uuid4(), status=status, registered_at=at, waitlist_number=1)


def trends(scope: str, name: str = "") -> list[UUID]:
    assert refresh_view(EVENT_TRENDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id FROM event_trends WHERE scope = %s AND name = %s ORDER BY rank", [scope, name])
        return [event_id for (event_id,) in cursor.fetchall()]


def heat_of(event: Event) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT heat FROM event_trends WHERE scope = 'everywhere' AND event_id = %s", [event.id])
        return cursor.fetchone()[0]


def test_a_registration_counts_half_for_every_three_days_of_its_age(alice: Caller) -> None:
    event = make_event(alice)
    join(event, 4)
    join(event, 4, days_ago=3)
    join(event, 8, days_ago=6)
    assert trends("everywhere") == [event.id]

    heat = heat_of(event)

    assert count_recent(heat, time.time()) == pytest.approx(4 + 4 / 2 + 8 / 4, abs=0.02)
    assert count_recent(heat, time.time() + HALF_LIFE_SECONDS) == pytest.approx(4, abs=0.02)
    assert count_recent(None, time.time()) == 0


def test_few_new_registrations_are_hotter_than_many_old_ones(alice: Caller) -> None:
    old, new, never = make_event(alice), make_event(alice), make_event(alice, start_date=in_days(3))
    soon = make_event(alice, start_date=in_days(1))
    join(old, 20, days_ago=18)
    join(new, 2)

    assert trends("everywhere") == [new.id, old.id, soon.id, never.id]


def test_heat_stays_while_nobody_registers(alice: Caller) -> None:
    event = make_event(alice)
    join(event, 3, days_ago=2)
    trends("everywhere")
    before = heat_of(event)
    trends("everywhere")

    assert heat_of(event) == before


@pytest.mark.parametrize("status", ["cancelled", "waitlisted"])
def test_who_holds_no_seat_makes_nothing_hot(alice: Caller, status: str) -> None:
    event = make_event(alice)
    join(event, 5, status=status)
    join(event, 5, days_ago=22)
    trends("everywhere")

    assert heat_of(event) is None


@pytest.mark.parametrize(
    "columns", [{"status": "draft"}, {"status": "cancelled"}, {"start_date": in_days(-1)}, {"status": "completed"}]
)
def test_only_coming_active_events_are_in_it(alice: Caller, columns: dict[str, Any]) -> None:
    event = make_event(alice)
    join(event, 5)
    Event.objects.filter(pk=event.pk).update(**columns)

    assert trends("everywhere") == trends("city", "san francisco") == []


def test_a_city_is_the_location_up_to_its_comma_without_case_and_accents(alice: Caller) -> None:
    geneva = make_event(alice, location="Genève, Suisse")
    make_event(alice, location="Lyon, France")
    make_event(alice, location=None)
    make_event(alice, location="")

    assert trends("city", "geneve") == [geneva.id]
    assert trends("city", "") == []


def test_a_word_is_a_tag_or_the_category(alice: Caller) -> None:
    event = make_event(alice, category="Career", tags=["machine learning", "career", "ai"])

    assert trends("word", "machine-learning") == trends("word", "career") == trends("word", "ai") == [event.id]


def test_each_list_has_an_end(alice: Caller) -> None:
    Event.objects.bulk_create(
        Event(title="One of many", start_date=in_days(1), tags=["many"], location="Lyon", created_by=alice.id)
        for _ in range(210)
    )

    sizes = [len(trends(*where)) for where in (("everywhere",), ("city", "lyon"), ("word", "many"))]
    assert sizes == [200, 200, 50]


def test_python_and_sql_write_cities_and_words_alike() -> None:
    locations = [city.location for city in CITIES] + ["  Rio de Janeiro , Brazil", "", ",", "Ångström", "ÉVRY"]
    words = [topic.name for topic in TOPICS] + [" Machine Learning ", "C++", "", "Œuvre d'Art"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_city(text) FROM unnest(%s::text[]) AS text", [locations])
        assert [city for (city,) in cursor.fetchall()] == [city_of(location) for location in locations]
        cursor.execute("SELECT event_word(text) FROM unnest(%s::text[]) AS text", [words])
        assert [word for (word,) in cursor.fetchall()] == [word_of(word) for word in words]
