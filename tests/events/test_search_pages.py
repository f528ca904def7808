"""A search page by page: every event once, what is ranked, and what divides it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from events.models import Event
from events.search import ranking
from tests.events.test_search import search, titles
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_facets_say_how_what_was_found_divides(alice: Caller, bob: Caller) -> None:
    january = datetime(2031, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    may = datetime(2031, 5, 1, tzinfo=UTC)
    make_event(alice, title="Meetup", tags=["a", "b"], start_date=january)
    make_event(alice, title="Meetup", tags=["b"], start_date=may, category="Career")
    make_event(alice, title="Meetup", start_date=may, category="Career", is_virtual=True, virtual_link="https://e.org")
    make_event(alice, title="Other", tags=["c"])

    assert search(bob, "meetup")["facets"] == {
        "category": [{"value": "Career", "count": 2}, {"value": "Networking", "count": 1}],
        "tags": [{"value": "b", "count": 2}, {"value": "a", "count": 1}],
        "month": [{"value": "2031-02", "count": 1}, {"value": "2031-05", "count": 2}],
        "virtual": [{"value": False, "count": 2}, {"value": True, "count": 1}],
    }
    assert search(bob, "nothing of the kind")["facets"] == {"category": [], "tags": [], "month": [], "virtual": []}


@pytest.mark.parametrize("by", ["cursor", "page", "offset"])
def test_pages_lead_through_everything_once(alice: Caller, bob: Caller, by: str) -> None:
    """Three ranks, in each a pair that starts at the same time."""
    start = in_days(4)
    for number in range(6):
        words = ["Meetup", "Other meetup", "Quite another meetup"][number // 2]
        make_event(alice, title=f"{words} {number}", start_date=start)
    seen, query = [], {"page_size": 4} if by != "offset" else {"limit": 4}
    for _ in range(2):
        page = search(bob, "meetup", **query)
        seen += [event["id"] for event in page["events"]]
        query |= {
            "cursor": {"cursor": page["next_cursor"]},
            "page": {"page": 2},
            "offset": {"offset": page.get("next_offset")},
        }[by]

    assert (len(seen), len(set(seen)), page["has_more"], page["next_cursor"]) == (6, 6, False, None)
    assert seen == [event["id"] for event in search(bob, "meetup")["events"]]


def test_only_the_soonest_are_ranked_however_many_match(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one would be the best; the spans of time behind the second are never looked at."""
    monkeypatch.setattr(ranking, "RANKED_AT_MOST", 3)
    for days in (0.2, 1, 12, 60, 150, 400):
        make_event(alice, title=f"After {days} days", tags=["meetup"], start_date=in_days(days))
    make_event(alice, title="Meetup", start_date=in_days(500))

    answer = search(bob, "meetup", page_size=2)

    assert (answer["total"], answer["total_relation"], answer["has_more"]) == (3, "gte", True)
    assert [event["title"] for event in answer["events"]] == ["After 0.2 days", "After 1 days"]
    assert titles(bob, "meetup", page=2, page_size=2) == ["After 12 days"]
    assert sum(facet["count"] for facet in answer["facets"]["month"]) == 3


@pytest.mark.parametrize("days", range(0, 70, 7))
def test_every_day_is_in_one_span_of_time(alice: Caller, bob: Caller, days: int) -> None:
    """From seven places in eight weeks, over all borders of days, weeks and eight weeks."""
    since = in_days(1000 + days)
    offsets = [0, 0.5, 1, 1.99, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 55, 56, 57, 111, 112, 113, 170, 400, 9000]
    fields = {"category": "Networking", "created_by": alice.id, "title": "Meetup"}
    Event.objects.bulk_create(Event(**fields, start_date=in_days(1000 + days + offset)) for offset in offsets)
    Event.objects.create(**fields, start_date=in_days(1000 + days - 0.01))

    answer = search(bob, "meetup", start_after=since.isoformat(), page_size=100)

    assert [event["start_date"] for event in answer["events"]] == sorted(
        event["start_date"] for event in answer["events"]
    )
    assert answer["total"] == len(offsets)


def test_a_window_may_open_long_before_its_first_event(alice: Caller, bob: Caller) -> None:
    for days in (-900, -30, -8, 400):
        make_event(alice, title=f"Meetup {days}", start_date=in_days(days))
    Event.objects.filter(start_date__lt=in_days(0)).update(status="completed")

    assert titles(bob, "meetup", start_after="1999-01-01T00:00:00Z", status="completed") == [
        "Meetup -900",
        "Meetup -30",
        "Meetup -8",
    ]
    assert titles(bob, "meetup", start_after="1999-01-01T00:00:00Z") == ["Meetup 400"]
    assert titles(bob, "meetup", start_before="2200-01-01T00:00:00Z") == ["Meetup 400"]
    assert titles(bob, "meetup", start_before=in_days(-9).isoformat(), status="completed") == [
        "Meetup -900",
        "Meetup -30",
    ]


def test_a_cursor_of_a_list_is_refused(alice: Caller, bob: Caller) -> None:
    for _ in range(2):
        make_event(alice)
    cursor = bob.get("/events", {"page_size": 1}).json()["next_cursor"]

    response = bob.get("/events/search", {"q": "meetup", "cursor": cursor})

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["cursor"]
