"""Who registered, and what one registered for."""

from typing import Any

import pytest

from tests.factories import Caller, make_event

pytestmark = pytest.mark.django_db


def test_the_organiser_sees_who_registered_first_come_first(
    alice: Caller, bob: Caller, carol: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    event = make_event(alice)
    for guest in (carol, bob):
        guest.post(f"/events/{event.id}/register")
    bob.delete(f"/events/{event.id}/register")

    with django_assert_num_queries(3):
        answer = alice.get(f"/events/{event.id}/registrations").json()

    assert [(row["user_id"], row["status"]) for row in answer["registrations"]] == [
        (str(carol.id), "registered"),
        (str(bob.id), "cancelled"),
    ]
    assert answer["total"] == 2
    only = root.get(f"/events/{event.id}/registrations", {"status": "registered"}).json()
    assert [row["user_id"] for row in only["registrations"]] == [str(carol.id)]


def test_strangers_do_not_see_who_registered(alice: Caller, bob: Caller, carol: Caller, anonymous: Caller) -> None:
    event = make_event(alice)
    draft = make_event(alice, status="draft")
    bob.post(f"/events/{event.id}/register")

    assert bob.get(f"/events/{event.id}/registrations").status_code == 403
    assert carol.get(f"/events/{draft.id}/registrations").status_code == 404
    assert anonymous.get(f"/events/{event.id}/registrations").status_code == 401


def test_a_user_sees_the_own_registrations_beside_their_events(
    alice: Caller, bob: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    first, second = make_event(alice, title="first"), make_event(alice, title="second")
    for event in (first, second):
        bob.post(f"/events/{event.id}/register")

    with django_assert_num_queries(2):
        answer = bob.get(f"/events/users/{bob.id}/events").json()

    assert [row["event"]["title"] for row in answer["registrations"]] == ["second", "first"]
    assert answer["registrations"][0]["event"]["id"] == str(second.id)
    assert answer["registrations"][0]["event_id"] == str(second.id)
    assert root.get(f"/events/users/{bob.id}/events").json()["total"] == 2


def test_nobody_else_sees_them(alice: Caller, bob: Caller, carol: Caller, anonymous: Caller) -> None:
    bob.post(f"/events/{make_event(alice).id}/register")

    assert carol.get(f"/events/users/{bob.id}/events").status_code == 403
    assert anonymous.get(f"/events/users/{bob.id}/events").status_code == 401


def test_both_lists_page_by_cursor(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register")

    first = alice.get(f"/events/{event.id}/registrations", {"page_size": 1}).json()
    second = alice.get(f"/events/{event.id}/registrations", {"page_size": 1, "cursor": first["next_cursor"]}).json()

    users = [row["user_id"] for page in (first, second) for row in page["registrations"]]
    assert users == [str(bob.id), str(carol.id)]
    assert second["has_more"] is False


@pytest.mark.parametrize("query", [{"status": "lost"}, {"page": "0"}, {"cursor": "x"}])
def test_bad_parameters_are_refused(alice: Caller, query: dict[str, str]) -> None:
    event = make_event(alice)

    assert alice.get(f"/events/{event.id}/registrations", query).status_code == 422
    assert alice.get(f"/events/users/{alice.id}/events", query).status_code == 422
