"""Two moderators on one event: who acts on what has changed meanwhile is refused."""

import threading

import pytest
from django.db import connections
from django.test import Client

from events.models import Event
from registrations.services.delete_event import delete_event
from tests.admin.desk import act, address_of, edit, log, move, see, told
from tests.factories import Caller, make_event, messages, snapshot

pytestmark = pytest.mark.django_db

STALE = "Tech Networking Meetup: refused. The event has changed since you read it."


@pytest.mark.parametrize("action", ["cancel_events", "publish_events", "complete_events"])
def test_a_second_moderator_is_refused_on_the_page_that_asks(
    staff: Client, colleague: Client, alice: Caller, action: str
) -> None:
    event = make_event(alice)
    move(staff, "cancel_events", event, reason="spam")
    before = snapshot(event)

    response = act(colleague, action, event, seen=see(event))

    assert (response.redirect_chain, told(response)) == ([(address_of(Event), 302)], [STALE])
    assert (snapshot(event), len(log())) == (before, 1)


@pytest.mark.parametrize("action", ["cancel_events", "publish_events", "complete_events"])
def test_a_second_moderator_is_refused_when_confirming(
    staff: Client, colleague: Client, alice: Caller, action: str
) -> None:
    event = make_event(alice)
    move(staff, "cancel_events", event, reason="spam")
    before = snapshot(event)

    assert move(colleague, action, event, reason="spam too") == [STALE]
    assert (snapshot(event), len(log())) == (before, 1)


def test_an_edit_by_the_organiser_refuses_the_moderator_and_not_the_other_events(staff: Client, alice: Caller) -> None:
    event, other = make_event(alice), make_event(alice, title="Other")
    edit(event, alice)
    before = snapshot(event)[0]

    assert move(staff, "cancel_events", event, other, reason="spam") == [STALE, "Other: cancelled."]
    assert snapshot(event)[0] == before


def test_a_seat_does_not_spoil_what_the_moderator_saw(staff: Client, alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    assert move(staff, "cancel_events", event, reason="spam") == ["Tech Networking Meetup: cancelled."]


def test_a_list_that_no_longer_shows_the_event_refuses_too(staff: Client, colleague: Client, alice: Caller) -> None:
    event = make_event(alice)
    move(staff, "cancel_events", event, reason="spam")

    assert move(colleague, "cancel_events", event, reason="spam", query="?status__exact=active") == [STALE]


@pytest.mark.parametrize("seen", [[], ["nonsense"], ["{id}:"], ["{id}:x"], ["{id}:99"], ["{id}"]])
def test_a_form_that_does_not_say_what_was_seen_is_refused(staff: Client, alice: Caller, seen: list[str]) -> None:
    event = make_event(alice)
    before = snapshot(event)
    values = [value.replace("{id}", str(event.pk)) for value in seen]

    assert told(act(staff, "cancel_events", event, seen=values, confirmed="yes", reason="x")) == [STALE]
    assert (snapshot(event), log()) == (before, [])


def test_an_event_that_is_gone_is_named(staff: Client, alice: Caller) -> None:
    event, other = make_event(alice), make_event(alice, title="Other")
    assert alice.principal is not None
    delete_event(event_id=event.pk, caller=alice.principal)

    assert move(staff, "cancel_events", event, other, reason="spam") == [
        f"{event.pk}: there is no such event any more.",
        "Other: cancelled.",
    ]


def test_nothing_ticked_moves_nothing(staff: Client, alice: Caller) -> None:
    make_event(alice)

    response = staff.post(address_of(Event), {"action": "cancel_events", "index": "0"}, follow=True)

    assert told(response) == ["Items must be selected in order to perform actions on them. No items have been changed."]


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_wins_and_one_is_refused(staff: Client, colleague: Client, alice: Caller) -> None:
    event = make_event(alice)
    start, results = threading.Barrier(2), list[list[str]]()

    def confirm(client: Client) -> None:
        start.wait()
        results.append(move(client, "cancel_events", event, reason="spam"))
        connections.close_all()

    threads = [threading.Thread(target=confirm, args=(client,)) for client in (staff, colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [["Tech Networking Meetup: cancelled."], [STALE]]
    assert (len(log()), len(messages("event.cancelled"))) == (1, 1)
