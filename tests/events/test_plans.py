"""Every list and every search looks at few rows however many there are."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict

from categories.defaults import add_default_categories
from events.api import filters, pages
from events.api.pages import make_page, read_question
from events.api.search import SearchFilters, find
from events.search import ranking
from events.search.query import read_query
from meetinity_events.api import pagination
from meetinity_events.api.pagination import PageRequest

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("_many_events")]

EVENTS = 8_000
# Half of them are over. Every one is a meetup, a tenth of each month in a city of its own, one in 400 is about kafka.
INSERT = f"""
    INSERT INTO events (title, description, location, latitude, longitude, start_date, category, category_id, tags,
                        is_virtual, price, status, created_by, created_at, popularity)
    SELECT 'Meetup ' || md5(n::text) || CASE WHEN n % 400 = 0 THEN ' kafka' ELSE '' END, repeat('word' || n || ' ', 30),
        'City' || n % 10, n % 10, (n * 7919 % 36000) / 100.0 - 180, start, category.name, category.id,
        ARRAY['tag' || n % 50, 'common'], n % 5 = 0, n % 3, CASE WHEN start > now() THEN 'active' ELSE 'completed' END,
        md5((n % 100)::text)::uuid, now() - n * interval '1 minute', n * 7919 % 1000
    FROM generate_series(1, {EVENTS}) AS n,
    LATERAL (SELECT now() + (n * 7919 % {EVENTS} - {EVENTS} / 2) * interval '1 hour' AS start) AS starts
    JOIN LATERAL (
        SELECT id, name FROM event_categories ORDER BY name OFFSET n % 6 LIMIT 1
    ) AS category ON true
"""
PARTITION = f"events_{datetime.now(UTC).year}"
SOME_ORGANISER = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"


@pytest.fixture(scope="module")
def _many_events(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Stored for the whole module."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        add_default_categories()
        cursor.execute(INSERT)
        cursor.execute("VACUUM (ANALYZE) events")
        yield
        cursor.execute("TRUNCATE events CASCADE")


def statements_of(ask: Callable[[], Any]) -> list[tuple[str, Any]]:
    """What `ask` executes."""
    statements: list[tuple[str, Any]] = []

    def remember(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        statements.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(remember):
        ask()
    return statements


def explain(*statements: tuple[str, Any]) -> list[dict[str, Any]]:
    """All nodes of their plans, after they were executed once more."""
    nodes: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
            (found,) = cursor.fetchone()
            collect(found if isinstance(found, list) else json.loads(found), nodes)
    return nodes


def collect(value: Any, nodes: list[dict[str, Any]]) -> None:
    """Every object of the plan."""
    if isinstance(value, dict):
        nodes.append(value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        collect(part, nodes)


def rows_read(ask: Callable[[], Any]) -> float:
    """How many rows of the partition that holds the events are looked at, those that are thrown away included."""
    nodes = [node for node in explain(*statements_of(ask)) if node.get("Relation Name") == PARTITION]
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(node["Actual Loops"] * sum(node.get(kind, 0) for kind in kinds) for node in nodes)


def list_events(query: str) -> bytes:
    """By constant SQL where there is some, else by a query set."""
    return make_page(read_question(QueryDict(query)))


def search_events(query: str) -> Any:
    asked = SearchFilters(QueryDict(query))
    assert asked.is_valid()
    return find(asked, read_query(asked.form.cleaned_data["q"]), PageRequest(20, 0, None, False))


@pytest.fixture
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that 8,000 events are to them what a million are to the real ones."""
    monkeypatch.setattr(pagination, "COUNT_LIMIT", 200)
    monkeypatch.setattr(pages, "COUNT_LIMIT", 200)
    monkeypatch.setattr(filters, "COUNTED_BY_ROWS", 100)
    monkeypatch.setattr(ranking, "RANKED_AT_MOST", 50)


@pytest.mark.usefixtures("_small_limits")
@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 700),
        ("status=completed&start_after=2020-01-01T00:00:00Z", 1000),
        ("category=Career", 700),
        ("category=Career&sort=recent", 1000),
        (f"created_by={SOME_ORGANISER}", 700),
        ("sort=recent", 700),
        ("sort=popular", 700),
        ("is_virtual=true", 3500),
        ("is_free=true", 2500),
        ("price_max=0.5", 2500),
        ("tags=tag7", 600),
        ("tags=common", 350),
        ("tags=common&sort=recent", 350),
        ("tags=common&status=completed&start_after=2020-01-01T00:00:00Z", 350),
        ("tags_all=common,tag7", 600),
        ("search=kafka", 100),
        ("search=meetup", 350),
        ("location=city7", 1000),
        ("latitude=5&longitude=5&sort=distance", 600),
        ("latitude=5&longitude=5&radius_km=300", 450),
        ("latitude=5&longitude=5&radius_km=300&sort=distance", 450),
        ("latitude=5&longitude=5&radius_km=15000", 600),
    ],
)
def test_a_list_looks_at_few_rows(query: str, most: int) -> None:
    assert 0 < rows_read(lambda: list_events(query)) <= most


@pytest.mark.usefixtures("_small_limits")
@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("q=meetup", 150),
        ("q=meetup city7", 750),
        ("q=kafka", 100),
        ("q=kafka city7", 40),
        ("q=meetup&category=Career", 800),
        ("q=meetup&tags=common", 150),
        (f"q=meetup&created_by={SOME_ORGANISER}", 200),
        ("q=meetup&start_before=2100-01-01T00:00:00Z", 150),
        ("q=meetup&status=completed&start_after=2020-01-01T00:00:00Z", 150),
        ("q=xyzzy", 10),
        ("q=meetup&latitude=5&longitude=5&radius_km=300", 750),
    ],
)
def test_a_search_looks_at_few_rows(query: str, most: int) -> None:
    assert rows_read(lambda: search_events(query)) <= most


@pytest.mark.usefixtures("_small_limits")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "status_start_date_id"),
        ("sort=recent", "status_created_at_id"),
        ("sort=popular", "status_popularity_id"),
        ("category=Career", "category_status_start_date_id"),
        (f"created_by={SOME_ORGANISER}", "created_by_start_date_id"),
        ("tags=tag7", "tags"),
        ("search=kafka", "search"),
        ("latitude=5&longitude=5&sort=distance", "place"),
        ("latitude=5&longitude=5&radius_km=300", "place"),
    ],
)
def test_a_page_is_read_from_its_index(query: str, index: str) -> None:
    page = [asked for asked in statements_of(lambda: list_events(query)) if "count(*)" not in asked[0].lower()]

    names = [node["Index Name"] for node in explain(*page) if PARTITION in node.get("Index Name", "")]

    assert any(index in name for name in names)


def test_a_question_without_an_index_reads_the_table() -> None:
    """The control of the tests above."""

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM events WHERE description LIKE '%%nobody wrote this%%'")

    assert rows_read(ask) == EVENTS
