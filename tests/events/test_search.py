"""Finding events by words: what matches, in which order, and what is said about it."""

from typing import Any

import pytest

from events.models import Event
from events.search.words import refresh_words
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def search(caller: Caller, q: str, **query: Any) -> dict[str, Any]:
    response = caller.get("/events/search", {"q": q, **query})
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


def titles(caller: Caller, q: str, **query: Any) -> list[str]:
    return [event["title"] for event in search(caller, q, **query)["events"]]


@pytest.fixture
def paris(alice: Caller) -> Event:
    """The one of the demo data."""
    event = make_event(
        alice,
        title="Networking à Paris",
        location="Île-de-France, France",
        tags=["soirée", "c++"],
        description="L'art de rencontrer des gens à l'œuvre; co-working afterwards.",
    )
    refresh_words()
    return event


@pytest.mark.parametrize(
    "q",
    [
        "networking",
        "NETWORKING PARIS",
        "paris networking",
        "networking à paris",
        "networking in paris",
        "netw",
        "networking pa",
        "soiree",
        "SOIRÉE",
        "ile de france",
        "île-de-france",
        "l'art de rencontrer",
        "œuvre",
        "oeuvre",
        "working",
        "co-working",
        '"à paris"',
        '"l\'art de rencontrer"',
        "berlin or paris",
        "paris -berlin",
    ],
)
def test_accents_case_order_and_small_words_do_not_count(paris: Event, bob: Caller, q: str) -> None:
    answer = search(bob, q)

    assert [event["id"] for event in answer["events"]] == [str(paris.id)]
    assert (answer["is_corrected"], answer["suggestions"]) == (False, [])


@pytest.mark.parametrize("q", ["twork", "berlin", '"paris networking"', "paris -soirée", "gens france berlin"])
def test_what_does_not_match(paris: Event, bob: Caller, q: str) -> None:
    assert titles(bob, q) == []


def test_a_title_counts_more_than_a_tag_a_place_and_a_description(alice: Caller, bob: Caller) -> None:
    make_event(alice, title="in the description", description="python", start_date=in_days(1))
    make_event(alice, title="in the place", location="python", start_date=in_days(2))
    make_event(alice, title="in a tag", tags=["python"], start_date=in_days(3))
    make_event(alice, title="python", start_date=in_days(4))

    found = search(bob, "python")["events"]

    assert [event["title"] for event in found] == ["python", "in a tag", "in the place", "in the description"]
    assert sorted((event["rank"] for event in found), reverse=True) == [event["rank"] for event in found]


def test_of_equals_the_soonest_comes_first(alice: Caller, bob: Caller) -> None:
    for days in (300, 3, 30, 100, 0.1):
        make_event(alice, title=f"Meetup {days}", start_date=in_days(days))

    assert titles(bob, "meetup") == [f"Meetup {days}" for days in (0.1, 3, 30, 100, 300)]


def test_only_what_the_caller_may_see_and_what_is_to_come(alice: Caller, bob: Caller, root: Caller) -> None:
    make_event(alice, title="Meetup to come")
    make_event(alice, title="Meetup of yesterday", start_date=in_days(-1))
    make_event(alice, title="Meetup in draft", status="draft")

    assert titles(bob, "meetup") == ["Meetup to come"]
    assert titles(bob, "meetup", start_after=in_days(-2).isoformat()) == ["Meetup of yesterday", "Meetup to come"]
    assert titles(bob, "meetup", start_before=in_days(0).isoformat()) == ["Meetup of yesterday"]
    assert [titles(caller, "meetup", status="draft") for caller in (bob, alice, root)] == [
        [],
        ["Meetup in draft"],
        ["Meetup in draft"],
    ]


def test_an_edit_is_found_at_once(paris: Event, alice: Caller, bob: Caller) -> None:
    alice.patch(f"/events/{paris.id}", {"title": "Kafka", "start_date": in_days(200).isoformat()})

    assert [titles(bob, "kafka"), titles(bob, "networking")] == [["Kafka"], []]


def test_filters_narrow_what_is_found(alice: Caller, bob: Caller) -> None:
    make_event(alice, title="Meetup A", category="Workshop", price="5", location="Lyon", latitude=45.76, longitude=4.83)
    make_event(alice, title="Meetup B", tags=["x"], latitude=48.85, longitude=2.35, start_date=in_days(9))

    assert titles(bob, "meetup", category="Workshop") == ["Meetup A"]
    assert titles(bob, "meetup", tags="x", is_free="true") == ["Meetup B"]
    assert titles(bob, "meetup", location="LYÓN") == ["Meetup A"]
    near = search(bob, "meetup", latitude=48.8, longitude=2.3, radius_km=50)["events"]
    assert [(event["title"], round(event["distance_km"])) for event in near] == [("Meetup B", 7)]


def test_highlights_are_safe_html(alice: Caller, bob: Caller) -> None:
    make_event(
        alice,
        title="<i onclick=x>alert('kafka')</i> & \ue000Kafka\ue001 é",
        location="Paris <b>",
        description=f"{'word ' * 100}<img src=x onerror=kafka> Käfka & more {'word ' * 100}",
    )

    (event,) = search(bob, "kafka")["events"]

    assert event["highlights"]["title"] == (
        "&lt;i onclick=x&gt;alert(&#x27;<mark>kafka</mark>&#x27;)&lt;/i&gt; &amp; <mark>Kafka</mark> é"
    )
    assert set(event["highlights"]) == {"title", "description"}
    passage = event["highlights"]["description"]
    assert "<mark>Käfka</mark> &amp; more" in passage
    assert "<" not in passage.replace("<mark>", "").replace("</mark>", "")
    assert len(passage) < 300


def test_a_search_costs_two_queries_and_one_for_each_of_its_doubts(
    paris: Event, bob: Caller, django_assert_num_queries: Any
) -> None:
    search(bob, "what bob takes part in is known from now on")
    with django_assert_num_queries(3):
        search(bob, "networking")
    with django_assert_num_queries(2):
        search(bob, '"networking à paris"')
    with django_assert_num_queries(4):
        search(bob, "xyzzy")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "   "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "x " * 5000}, "q"),
        ({"q": "nul\0"}, "q"),
        ({"q": "x", "cursor": "tampered"}, "cursor"),
        ({"q": "x", "page": "0"}, "page"),
        ({"q": "x", "radius_km": "3"}, "latitude"),
        ({"q": "x", "latitude": "1", "longitude": "1", "radius_km": "0"}, "radius_km"),
        ({"q": "x", "latitude": "1", "longitude": "1", "radius_km": "50000"}, "radius_km"),
        ({"q": "x", "price_max": "-1"}, "price_max"),
        ({"q": "x", "start_after": "soon"}, "start_after"),
    ],
)
def test_a_bad_parameter_is_named(bob: Caller, query: dict[str, str], field: str) -> None:
    response = bob.get("/events/search", query)

    assert response.status_code == 422
    assert field in response.json()["error"]["details"]


@pytest.mark.parametrize(
    "q",
    [
        "!!!",
        "'",
        '"',
        "-",
        "or",
        "or or",
        "\\",
        "a & b | !c <-> d:*A (",
        "'; DROP TABLE events; --",
        "%s %(x)s %",
        "🎉🎉",
        "مرحبا بالعالم",
        "\u202egnikrowten",
        "网络 東京",
        "e\u0301\u0301",
        "\ufffe\uffff",
        "@d20000",
        "x" * 200,
        "a-b-c-d-e-f",
        "https://example.org/a?b=c#d bob@example.org",
        "1 2.5 -3 1e9",
        "\ue000\ue001",
        "a:* b:A",
    ],
)
def test_whatever_is_typed_is_answered(paris: Event, bob: Caller, q: str) -> None:
    assert titles(bob, q) == []
    assert bob.get("/events", {"search": q}).json()["events"] == []
    assert bob.get("/events", {"location": q}).json()["events"] == []


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T00:00:00Z"])
def test_the_ends_of_time_are_answered(paris: Event, bob: Caller, moment: str) -> None:
    assert bob.get("/events/search", {"q": "paris", "start_after": moment}).status_code in (200, 422)
