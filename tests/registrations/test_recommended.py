"""`GET /events/recommended`: what fits a person, and why."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from events.statistics import refresh_view
from integrations.users.profiles import update_profile
from registrations.recommended import CANDIDATES_SQL
from registrations.trending import EVENT_TRENDS
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tell(user: Caller, *interests: str, industry: str = "", location: str = "") -> None:
    """What `user.updated` told of them."""
    update_profile(user_id=user.id, location=location, industry=industry, interests=interests, at=timezone.now())


def recommended_to(user: Caller) -> dict[str, dict[str, dict[str, Any]]]:
    """Titles, best first, each with its reasons by code."""
    refresh_view(EVENT_TRENDS)
    answer = user.get("/events/recommended")
    assert answer.status_code == 200
    events = answer.json()["events"]
    assert all(event["reasons"] for event in events)
    return {event["title"]: {reason["code"]: reason for reason in event["reasons"]} for event in events}


def put(organiser: Caller, title: str, **fields: Any) -> Event:
    return make_event(organiser, title=title, **{"location": "Oslo, Norway", **fields})


def test_an_interest_counts_most_and_is_named_as_the_person_wrote_it(alice: Caller, bob: Caller) -> None:
    tell(bob, "Machine Learning", "AI", industry="Finance", location="Lyon, France")
    put(alice, "Nothing in common", start_date=in_days(1))
    put(alice, "In the city", location="Lyon")
    put(alice, "In the industry", tags=["finance"])
    put(alice, "On the subject", tags=["machine-learning"])
    put(alice, "On both subjects", tags=["machine learning", "ai"])

    events = recommended_to(bob)

    expected = ["On both subjects", "On the subject", "In the city", "In the industry", "Nothing in common"]
    assert list(events)[:2] == expected[:2]
    assert set(events) == set(expected)
    assert events["On both subjects"]["interest"]["values"] == ["Machine Learning", "AI"]
    assert events["In the industry"]["industry"]["values"] == ["Finance"]
    assert events["In the city"]["nearby"]["values"] == ["Lyon, France"]
    assert list(events["Nothing in common"]) == ["coming_soon"]


def test_the_words_of_earlier_events_speak_for_later_ones(alice: Caller, bob: Caller) -> None:
    past = put(alice, "Past", tags=["rust"], category="Workshop")
    past.registrations.create(user_id=bob.id, status="attended")
    Event.objects.filter(pk=past.pk).update(start_date=in_days(-30), status="completed")
    put(alice, "Other", start_date=in_days(1), category="Career")
    put(alice, "Alike", tags=["rust"], category="Career")

    events = recommended_to(bob)

    assert list(events) == ["Alike", "Other"]
    assert events["Alike"]["history"]["values"] == ["rust"]


def test_people_met_before_bring_to_where_they_go(alice: Caller, bob: Caller, crowd: Any) -> None:
    past, next_one = put(alice, "Past", category="Career"), put(alice, "Where they go", category="Meetup")
    put(alice, "Where strangers go", start_date=in_days(1), category="Meetup")
    for person in (bob, *crowd(3)):
        past.registrations.create(user_id=person.id, status="attended")
    Event.objects.filter(pk=past.pk).update(start_date=in_days(-30), status="completed")
    for person in crowd(3):
        next_one.registrations.create(user_id=person.id)

    events = recommended_to(bob)

    assert list(events) == ["Where they go", "Where strangers go"]
    assert events["Where they go"]["attended_together"]["count"] == 3


def test_what_a_person_has_joined_left_or_organises_is_never_recommended(alice: Caller, bob: Caller) -> None:
    tell(bob, "tech")
    for status in ("registered", "cancelled", "waitlisted"):
        event = put(alice, status, tags=["tech"])
        event.registrations.create(user_id=bob.id, status=status, waitlist_number=1)
    put(bob, "His own", tags=["tech"])
    put(alice, "New to him", tags=["tech"])

    assert list(recommended_to(bob)) == ["New to him"]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "draft"},
        {"status": "cancelled"},
        {"start_date": in_days(-1)},
        {"max_attendees": 5, "current_attendees": 5},
    ],
)
def test_what_nobody_can_join_any_more_is_left_out_at_once(alice: Caller, bob: Caller, columns: dict[str, Any]) -> None:
    event = put(alice, "Was there at the last refresh")
    assert len(recommended_to(bob)) == 1

    Event.objects.filter(pk=event.pk).update(**columns)

    assert bob.get("/events/recommended").json() == {"events": []}


def test_whoever_is_new_gets_what_is_popular_nearby_first(alice: Caller, carol: Caller, crowd: Any) -> None:
    tell(carol, location="Lyon, France")
    quiet, busy = put(alice, "Quiet", location="Lyon, France"), put(alice, "Busy", location="Lyon, France")
    put(alice, "Elsewhere", start_date=in_days(1))
    for person in crowd(7):
        busy.registrations.create(user_id=person.id)

    events = recommended_to(carol)

    assert list(events) == [busy.title, quiet.title, "Elsewhere"]
    assert events["Busy"]["trending"]["count"] == 7


def test_a_person_without_profile_and_past_gets_what_is_popular_anywhere(alice: Caller, carol: Caller) -> None:
    put(alice, "Quiet", start_date=in_days(1))
    put(alice, "Busy").registrations.create(user_id=UUID(int=9))

    assert list(recommended_to(carol)) == ["Busy", "Quiet"]


def test_the_answer_is_an_event_with_its_score(alice: Caller, bob: Caller) -> None:
    tell(bob, "tech")
    event = put(alice, "Found", tags=["tech"])
    recommended_to(bob)

    found = bob.get("/events/recommended").json()["events"][0]

    reason = {"code": "interest", "values": ["tech"], "count": None}
    assert (found.pop("score"), found.pop("reasons"), found["is_registered"]) == (3.0, [reason], False)
    detail = bob.get(f"/events/{event.id}").json()
    assert found == {name: detail[name] for name in found}


def test_at_most_twenty_in_four_queries(
    alice: Caller, bob: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The profile, the past, the candidates, the rows."""
    for number in range(25):
        put(alice, str(number))
    assert len(recommended_to(bob)) == 20
    with django_assert_num_queries(4):
        bob.get("/events/recommended")


def test_it_counts_as_a_read_of_events(bob: Caller, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "browse": 1}

    assert [bob.get("/events/recommended").status_code for _ in range(2)] == [200, 429]


CROWD_SQL = """
    WITH evenings AS (
        INSERT INTO events (title, start_date, created_by)
        SELECT 'Evening', now() + interval '1 day', gen_random_uuid() FROM generate_series(1, 400) RETURNING id
    )
    INSERT INTO event_registrations (id, event_id, user_id)
    SELECT gen_random_uuid(), evenings.id, gen_random_uuid() FROM evenings, generate_series(1, 10)
"""


def test_every_step_of_the_search_for_candidates_reads_an_index_and_has_an_end(bob: Caller) -> None:
    """Among others' registrations: of an empty table PostgreSQL does not care how it is read."""
    with connection.cursor() as cursor:
        cursor.execute(CROWD_SQL)
        cursor.execute("ANALYZE event_registrations")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        parameters = {"user_id": bob.id, "city": "lyon", "words": ["ai", "tech"]}
        cursor.execute(f"EXPLAIN (FORMAT json) {CANDIDATES_SQL}", parameters)
        plan = cursor.fetchone()[0]
    nodes = list(walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))

    scans = [node for node in nodes if "Relation Name" in node]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Index Only Scan"}
    trends = [node["Index Cond"] for node in scans if node["Relation Name"] == "event_trends"]
    assert len(trends) == 3
    assert all("scope = " in condition and "name = " in condition for condition in trends)
    assert len([condition for condition in trends if "rank <= " in condition]) == 2
    ours = [node["Index Cond"] for node in scans if node["Relation Name"] == "event_registrations"]
    assert len(ours) == 4
    assert [condition for condition in ours if "user_id = " not in condition and "event_id = " not in condition] == []
    assert len([node for node in nodes if node["Node Type"] == "Limit"]) == 6


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)
