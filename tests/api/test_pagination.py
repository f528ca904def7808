"""Pages of a list: which parameters are taken, what a cursor holds, and how far a total is counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing

from events.models import Event
from meetinity_events.api import pagination
from meetinity_events.api.pagination import Ordering, read_page, read_page_request
from meetinity_events.errors import InvalidFields
from tests.factories import Caller, in_days, make_event

BY_START = Ordering("by_start", "start_date")
LATEST_FIRST = Ordering("latest_first", "start_date", descending=True)
COLUMNS = ("id", "title", "start_date")


@pytest.mark.parametrize(
    ("params", "size", "number"),
    [
        ({}, 20, 1),
        ({"page": "", "page_size": "", "cursor": ""}, 20, 1),
        ({"page": "3", "page_size": "7"}, 7, 3),
        ({"page_size": "100"}, 100, 1),
        ({"page_size": "101"}, 100, 1),
        ({"page": "999999999", "page_size": "999999999"}, 100, 999_999_999),
        ({"page": "0007"}, 20, 7),
    ],
)
def test_good_parameters_make_a_page(params: dict[str, str], size: int, number: int) -> None:
    page = read_page_request(params, BY_START)

    assert (page.size, page.number, page.start, page.cursor) == (size, number, (number - 1) * size, None)


@pytest.mark.parametrize(
    ("params", "size", "start"),
    [
        ({"limit": "7"}, 7, 0),
        ({"offset": "30"}, 20, 30),
        ({"limit": "7", "offset": "3"}, 7, 3),
        ({"limit": "101", "offset": "0"}, 100, 0),
        ({"limit": "5", "offset": "999999999"}, 5, 999_999_999),
        ({"limit": "5", "page": "", "page_size": "", "cursor": ""}, 5, 0),
    ],
)
def test_a_limit_and_an_offset_make_a_page_too(params: dict[str, str], size: int, start: int) -> None:
    page = read_page_request(params, BY_START)

    assert (page.size, page.start, page.cursor) == (size, start, None)


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("other", ["page", "page_size", "cursor"])
def test_two_ways_to_ask_for_a_page_are_refused(name: str, other: str) -> None:
    with pytest.raises(InvalidFields) as refusal:
        read_page_request({name: "1", other: "1"}, BY_START)

    assert list(refusal.value.details) == ["offset"]


def test_a_cursor_and_a_page_together_are_refused() -> None:
    with pytest.raises(InvalidFields) as refusal:
        read_page_request({"cursor": sign(["by_start", "x", "x"]), "page": "1"}, BY_START)

    assert refusal.value.details == {"cursor": ["Give a cursor or a page, not both."]}


def test_the_sizes_are_those_of_the_deployment(settings: Any) -> None:
    settings.DEFAULT_PAGE_SIZE, settings.MAX_PAGE_SIZE = 5, 6

    sizes = [read_page_request(params, BY_START).size for params in ({}, {"page_size": "6"}, {"page_size": "7"})]

    assert sizes == [5, 6, 6]


@pytest.mark.parametrize("name", ["page", "page_size", "limit"])
@pytest.mark.parametrize("text", ["0", "-1", "+1", "1.0", "1e3", " 1", "1 ", "one", "٣", "1_000", "1000000000", "\0"])
def test_what_is_no_number_of_a_page_is_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidFields) as refusal:
        read_page_request({name: text}, BY_START)

    assert refusal.value.details == {name: ["This must be a whole number from 1."]}


def sign(value: Any, salt: str = pagination.CURSOR_SALT) -> str:
    return signing.dumps(value, salt=salt)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "a:b:c",
        "\0",
        "é",
        "x" * 10_000,
        sign(["by_start", "2026-01-01T00:00:00+00:00", "x"], salt="another"),
        sign(["by_start", "2026-01-01T00:00:00+00:00", "x"])[:-1],
        sign([]),
        sign(["by_start"]),
        sign(None),
        sign("by_start"),
        sign(["latest_first", "2026-01-01T00:00:00+00:00", "x"]),
    ],
    ids=range(12),
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidFields) as refusal:
        read_page_request({"cursor": cursor}, BY_START)

    assert list(refusal.value.details) == ["cursor"]


@pytest.mark.django_db
@pytest.mark.parametrize("position", [["soon", "also soon"], ["2026-01-01T00:00:00+00:00", "x"]])
def test_a_signed_cursor_of_other_columns_is_refused(position: list[str]) -> None:
    with pytest.raises(InvalidFields):
        read_page(Event.objects.all(), {"cursor": sign(["by_start", *position])}, BY_START, COLUMNS)


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", [BY_START, LATEST_FIRST])
def test_cursors_and_numbers_lead_through_the_same_rows(ordering: Ordering, alice: Caller) -> None:
    start = in_days(3)
    offsets = (0, 0, 0, 1, 1, 2_000_000)
    for number, offset in enumerate(offsets):
        make_event(alice, title=str(number), start_date=start + timedelta(microseconds=offset))
    expected = list(Event.objects.order_by(*ordering.terms).values(*COLUMNS))

    by_number = [page_of({"page": str(number)}, ordering)[0] for number in (1, 2, 3)]
    by_cursor, cursor = [], None
    while True:
        rows, paging = page_of({"cursor": cursor} if cursor else {}, ordering)
        by_cursor.append(rows)
        cursor = paging["next_cursor"]
        if not paging["has_more"]:
            break

    assert by_number == by_cursor == [expected[0:2], expected[2:4], expected[4:6]]
    assert cursor is None


def page_of(params: dict[str, str], ordering: Ordering) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Two rows."""
    return read_page(Event.objects.all(), {"page_size": "2", **params}, ordering, COLUMNS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "total", "relation"), [(0, 0, "eq"), (2, 2, "eq"), (3, 3, "eq"), (4, 3, "gte"), (5, 3, "gte")]
)
def test_a_total_is_counted_so_far_and_no_further(
    rows: int, total: int, relation: str, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "COUNT_LIMIT", 3)
    for _ in range(rows):
        make_event(alice)

    paging = page_of({}, BY_START)[1]

    assert (paging["total"], paging["total_relation"]) == (total, relation)


@pytest.mark.django_db
def test_pages_go_on_beyond_what_is_counted(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "COUNT_LIMIT", 3)
    for number in range(5):
        make_event(alice, title=str(number), start_date=in_days(number + 1))

    third, fourth = page_of({"page": "3"}, BY_START), page_of({"page": "4"}, BY_START)

    assert [row["title"] for row in third[0]] == ["4"]
    assert fourth[0] == []


def test_the_count_stops_at_ten_thousand() -> None:
    assert pagination.COUNT_LIMIT == 10_000
