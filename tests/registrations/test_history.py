"""What a user has done with events, in the shape that matching-service asks for."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import Event
from registrations.history import POINTS_FOR_HALF, Tally, prefer, read_history, score
from tests.factories import Caller, in_days, make_event

pytestmark = pytest.mark.django_db

NOTHING: dict[str, Any] = {
    "attended_events": [],
    "created_events": [],
    "preferred_categories": [],
    "activity_score": 0.0,
}


def took_part(guest: Caller, organiser: Caller, status: str, *, days: float = -3, **fields: Any) -> Event:
    event = make_event(organiser, start_date=in_days(days), **fields)
    event.registrations.create(user_id=guest.id, status=status)
    return event


def history(caller: Caller) -> dict[str, Any]:
    answer: dict[str, Any] = caller.get(f"/events/users/{caller.id}/history").json()
    return answer


def test_a_past_is_told_latest_first_in_four_queries(
    alice: Caller, bob: Caller, django_assert_num_queries: Any
) -> None:
    old = took_part(bob, alice, "attended", days=-9, title="old", tags=["tech"], category="Workshop")
    took_part(bob, alice, "attended", days=-2, title="new")
    took_part(bob, alice, "no_show", title="missed")
    took_part(bob, alice, "registered", days=3, title="coming")
    took_part(bob, alice, "cancelled", title="given up")
    make_event(bob, title="own", category="Career")

    with django_assert_num_queries(4):
        answer = history(bob)

    assert [event["title"] for event in answer["attended_events"]] == ["new", "old"]
    assert answer["attended_events"][1] == {
        "id": str(old.id),
        "title": "old",
        "category": "Workshop",
        "tags": ["tech"],
        "start_date": old.start_date.isoformat().replace("+00:00", "Z"),
        "end_date": None,
        "location": "San Francisco, CA",
        "is_virtual": False,
        "status": "active",
    }
    assert [event["title"] for event in answer["created_events"]] == ["own"]
    assert answer["preferred_categories"] == ["Networking", "Workshop", "Career"]
    # 3 for the own event, 2 for each of two attended, 1 for the coming one, -1 for the missed one.
    assert answer["activity_score"] == round(7 / 17, 4) == 0.4118


def test_without_a_past_everything_is_empty(bob: Caller) -> None:
    assert history(bob) == NOTHING


def test_what_nobody_else_has_seen_is_not_told(alice: Caller, root: Caller) -> None:
    for status in ("draft", "pending", "rejected", "archived"):
        Event.objects.filter(pk=make_event(alice).pk).update(status=status)

    assert root.get(f"/events/users/{alice.id}/history").json() == NOTHING


def test_a_cancelled_event_is_told_and_counts_for_nothing(alice: Caller) -> None:
    event = make_event(alice)
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})

    answer = history(alice)

    assert [(row["id"], row["status"]) for row in answer["created_events"]] == [(str(event.id), "cancelled")]
    assert (answer["preferred_categories"], answer["activity_score"]) == ([], 0.0)


def test_the_score_looks_back_for_a_year_and_the_preferences_further(alice: Caller, bob: Caller) -> None:
    took_part(bob, alice, "attended", days=-364)
    took_part(bob, alice, "attended", days=-366, category="Career")

    answer = history(bob)

    assert answer["activity_score"] == round(2 / 12, 4)
    assert answer["preferred_categories"] == ["Career", "Networking"]


def test_both_lists_end_after_a_hundred(alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrations.history.MOST_EVENTS", 2)
    for title in ("a", "b", "c"):
        took_part(bob, alice, "attended", title=title, days=-10 - ord(title))
        make_event(bob, title=title, start_date=in_days(ord(title)))

    answer = history(bob)

    assert [event["title"] for event in answer["attended_events"]] == ["a", "b"]
    assert [event["title"] for event in answer["created_events"]] == ["c", "b"]
    assert answer["activity_score"] == round(15 / 25, 4)


def test_five_categories_are_preferred_at_most() -> None:
    tallies = [Tally(name, "attended", count, 0) for count, name in enumerate("abcdefg", start=1)]

    assert prefer([*tallies, Tally(None, "attended", 99, 0), Tally("z", "no_show", 99, 0)]) == list("gfedc")


@pytest.mark.parametrize(
    ("tallies", "expected"),
    [
        ([], 0.0),
        ([Tally("a", "no_show", 5, 5)], 0.0),
        ([Tally("a", "attended", 9, 5)], 0.5),
        ([Tally("a", "created", 10, 10)], 0.75),
        ([Tally("a", "registered", 1, 1), Tally("a", "no_show", 1, 1)], 0.0),
        ([Tally("a", "created", 10**9, 10**9)], 1.0),
    ],
)
def test_the_score_lies_between_nothing_and_one(tallies: list[Tally], expected: float) -> None:
    assert score(tallies) == expected
    assert POINTS_FOR_HALF == 10


def test_only_the_user_admins_and_services_are_told(
    alice: Caller, carol: Caller, root: Caller, neighbour: Caller, anonymous: Caller
) -> None:
    path = f"/events/users/{alice.id}/history"

    assert [caller.get(path).status_code for caller in (alice, root, neighbour)] == [200, 200, 200]
    assert [caller.get(path).status_code for caller in (carol, anonymous)] == [403, 401]
    assert alice.get("/events/users/alice/history").status_code == 404


def test_the_past_of_others_does_not_count(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = took_part(bob, alice, "attended")
    event.registrations.create(user_id=carol.id, status="no_show")

    assert read_history(carol.id, timezone.now()).attended_events == []
    assert read_history(bob.id, timezone.now() + timedelta(days=400)).activity_score == 0.0
