"""A misspelt search finds what was meant, by the words of titles, tags and places of active events."""

from typing import Any

import pytest
from django.core.management import call_command

from events import tasks
from events.models import Event, SearchWord
from events.search.words import learn_words, refresh_words
from registrations.management.commands.seed_demo import add_events
from tests.events.test_search import search, titles
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def words(alice: Caller) -> None:
    make_event(alice, title="Networking à Paris", location="Paris, France", tags=["café"])
    make_event(alice, title="Python in Lyon", location="Lyon, France", description="Onlyindescription")
    assert refresh_words()


@pytest.mark.parametrize(
    ("q", "title", "query"),
    [
        ("netwrking paris", "Networking à Paris", "networking paris"),
        ("netwroking", "Networking à Paris", "networking"),
        ("Nettworking PARRIS", "Networking à Paris", "networking paris"),
        ("netwrking à pariss", "Networking à Paris", "networking paris"),
        ("caffé", "Networking à Paris", "cafe"),
        ("pyton lyon", "Python in Lyon", "python lyon"),
        ("lion python", "Python in Lyon", "lyon python"),
        ("lyn", "Python in Lyon", "lyon"),
    ],
)
def test_a_misspelt_word_is_taken_for_one_that_looks_like_it(
    words: None, bob: Caller, q: str, title: str, query: str
) -> None:
    answer = search(bob, q)

    assert [event["title"] for event in answer["events"]] == [title]
    assert (answer["query"], answer["is_corrected"], answer["suggestions"]) == (query, True, [query])


@pytest.mark.parametrize(
    "q", ["xyzzy", "netwrking xyzzy", '"netwrking paris"', "netwrking -lyon", "lxn", "onlyindescripton"]
)
def test_what_looks_like_nothing_finds_nothing(words: None, bob: Caller, q: str) -> None:
    answer = search(bob, q)

    assert (answer["events"], answer["is_corrected"], answer["suggestions"]) == ([], False, [])


def test_what_was_meant_is_highlighted(words: None, bob: Caller) -> None:
    (event,) = search(bob, "netwrking paris")["events"]

    assert event["highlights"]["title"] == "<mark>Networking</mark> à <mark>Paris</mark>"


def test_what_is_found_as_it_was_typed_is_not_corrected(words: None, alice: Caller, bob: Caller) -> None:
    make_event(alice, title="Pyton", location="Lyon")

    assert titles(bob, "pyton") == ["Pyton"]


def test_a_word_that_somebody_else_misspelt_is_corrected_where_it_finds_nothing(
    words: None, alice: Caller, bob: Caller
) -> None:
    make_event(alice, title="Pyton", location="Berlin")
    refresh_words()

    answer = search(bob, "pyton france")

    assert ([event["title"] for event in answer["events"]], answer["query"]) == (["Python in Lyon"], "python france")


def test_only_suggestions_that_find_something_are_made(words: None, alice: Caller, bob: Caller) -> None:
    """Both look alike, the second one more, and it takes place elsewhere."""
    make_event(alice, title="Pythons", location="Berlin")
    refresh_words()

    assert search(bob, "pythonz france")["suggestions"] == ["python france"]


def test_the_words_are_those_of_active_events(words: None, alice: Caller) -> None:
    make_event(alice, title="Secret", status="draft")
    Event.objects.filter(title__startswith="Python").update(title="Django in Lyon")

    assert refresh_words()

    assert dict(SearchWord.objects.values_list("word", "uses")) == {
        "networking": 1,
        "paris": 1,
        "france": 2,
        "cafe": 1,
        "django": 1,
        "lyon": 1,
    }
    before = list(SearchWord.objects.order_by("word").values_list())
    call_command("refresh_search_words")
    tasks.refresh_words()
    assert list(SearchWord.objects.order_by("word").values_list()) == before


def test_a_new_event_teaches_its_words_when_it_is_public(
    alice: Caller, bob: Caller, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        event = make_event(alice, title="Kubernetes", location=None, status="draft")
    assert not SearchWord.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(f"/events/{event.id}/publish")
    assert titles(bob, "kuberntes") == ["Kubernetes"]
    with django_capture_on_commit_callbacks(execute=True):
        alice.patch(f"/events/{event.id}", {"title": "Terraform", "start_date": in_days(3).isoformat()})

    assert titles(bob, "terrafrom") == ["Terraform"]
    assert [learn_words(event.id), set(SearchWord.objects.values_list("word", flat=True))] == [
        None,
        {"kubernetes", "terraform"},
    ]


def test_the_demo_data_is_found_by_a_typo(bob: Caller, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add_events()

    assert titles(bob, "netwrking paris") == ["Networking à Paris"]


@pytest.mark.parametrize(
    "q", ["'" * 3 + "x", "a" * 200, "x" * 99 + " y", "e\u0301clair\u0301", "%", "日本語 東京", "@d20000"]
)
def test_whatever_is_corrected_is_answered(words: None, bob: Caller, q: str) -> None:
    assert search(bob, q)["events"] == []
