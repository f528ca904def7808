"""Whatever happens at the same time is one story of the model: people, the organiser and the last seat, over HTTP."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from events.models import Event
from integrations.models import OutboxMessage
from tests.factories import Caller, make_event, messages, snapshot
from tests.live import LiveService
from tests.registrations.replay import require_model

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Crowd = Callable[[int], list[Caller]]
WAIT = {"waitlist": True}


def test_leaving_and_registering_at_the_last_seat(alice: Caller, bob: Caller, carol: Caller, live: LiveService) -> None:
    """Whoever comes when bob has left has the seat, whoever comes before him has not, and nothing lies between."""
    event = make_event(alice, max_attendees=1)
    path = f"/events/{event.id}/register"
    outcomes = Counter[int]()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(8):
            assert live.call(bob, "POST", path).status == 201
            came = pool.submit(live.call, carol, "POST", path)
            assert live.call(bob, "DELETE", path).status == 200
            outcomes[came.result().status] += 1
            model = require_model(event, 1)
            assert len(model.seats) == (came.result().status == 201)
            live.call(carol, "DELETE", path)

    assert set(outcomes) <= {201, 409}
    assert len(messages("event.registration.created")) == 8 + outcomes[201]


def test_capacity_moves_while_people_come_and_go(alice: Caller, crowd: Crowd, live: LiveService) -> None:
    event = make_event(alice, max_attendees=2)
    people = crowd(24)
    capacities, accepted = (4, 1, 6, 2, 9, None, 3, 12), []
    path = f"/events/{event.id}/register"

    def come_and_go(person: Caller) -> set[int]:
        return {live.call(person, method, path, WAIT if method == "POST" else None).status for method in MOVES}

    with ThreadPoolExecutor(12) as pool:
        going = [pool.submit(come_and_go, person) for person in people]
        for capacity in capacities:
            status = live.call(alice, "PATCH", f"/events/{event.id}", {"max_attendees": capacity}).status
            assert status in (200, 409)
            accepted += [capacity] * (status == 200)
        statuses = set().union(*(future.result() for future in going))

    assert statuses <= {200, 201, 202}
    model = require_model(event, 2, accepted)
    assert len(model.seats) + len(model.waiting) == len(people)


MOVES = ("POST", "DELETE", "POST")


def test_more_seats_under_load_move_exactly_so_many_up(alice: Caller, crowd: Crowd, live: LiveService) -> None:
    event = make_event(alice, max_attendees=1)
    early, late = crowd(30)[:10], crowd(30)[10:]
    for person in early:
        live.call(person, "POST", f"/events/{event.id}/register", WAIT)

    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(live.call, person, "POST", f"/events/{event.id}/register", WAIT) for person in late]
        assert live.call(alice, "PATCH", f"/events/{event.id}", {"max_attendees": 6}).status == 200
        assert {future.result().status for future in waiting} == {202}

    assert len(messages("event.registration.promoted")) == 5
    assert require_model(event, 1, [6]).seats == list(range(6))


def test_fewer_seats_than_taken_are_refused_and_nothing_changes(alice: Caller, crowd: Crowd, live: LiveService) -> None:
    event = make_event(alice, max_attendees=3)
    live.call_at_once(crowd(3), "POST", f"/events/{event.id}/register")
    before = snapshot(event)

    for capacity in (1, 2):
        assert live.call(alice, "PATCH", f"/events/{event.id}", {"max_attendees": capacity}).status == 409
    assert snapshot(event) == before


@pytest.mark.parametrize("spoil", ["a message is lost", "a message is told twice", "a seat is lost", "out of turn"])
def test_another_story_is_noticed(spoil: str, alice: Caller, bob: Caller, carol: Caller) -> None:
    """The control of the comparison."""
    event = make_event(alice, max_attendees=1)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register", WAIT)
    bob.delete(f"/events/{event.id}/register")
    assert require_model(event, 1).seats == [1]
    last = OutboxMessage.objects.order_by("-id")[0]

    if spoil == "a message is lost":
        last.delete()
    elif spoil == "a message is told twice":
        OutboxMessage.objects.create(
            key=last.key, topic=last.topic, message_type=last.message_type, payload=last.payload
        )
    elif spoil == "a seat is lost":
        Event.objects.update(current_attendees=0)
    else:
        event.registrations.filter(user_id=carol.id).update(status="waitlisted")

    with pytest.raises(AssertionError):
        require_model(event, 1)
