"""One ticket under many scanners at once, over HTTP against gunicorn, with a control that shows the test can fail."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest

from events.models import Event
from registrations.models import Registration
from registrations.tickets import write_ticket
from tests.factories import Caller, messages
from tests.live import LiveService
from tests.registrations.evening import make_evening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SCANNERS = 50


def scan_at_once(service: LiveService, organiser: Caller, event: Event, *keys: str) -> list[tuple[int, Any]]:
    """The answers to the same ticket from SCANNERS threads; each scanner takes one of `keys` for its request."""
    body = {"token": write_ticket(Registration.objects.get(event=event))}

    def scan(number: int) -> tuple[int, Any]:
        more = {"Idempotency-Key": keys[number % len(keys)]} if keys else {}
        answer = service.call(organiser, "POST", f"/events/{event.id}/check-in", body, **more)
        return answer.status, orjson.loads(answer.data)

    with ThreadPoolExecutor(SCANNERS) as pool:
        return list(pool.map(scan, range(SCANNERS)))


def test_fifty_scans_at_once_check_in_once(alice: Caller, bob: Caller, live: LiveService) -> None:
    event = make_evening(alice, bob)

    answers = scan_at_once(live, alice, event)

    assert Counter((status, body["already_checked_in"]) for status, body in answers) == {
        (201, False): 1,
        (200, True): SCANNERS - 1,
    }
    assert len({body["checked_in_at"] for _, body in answers}) == 1
    assert len(messages("event.registration.attended")) == 1


def test_scans_under_two_keys_are_two_requests_and_one_check_in(alice: Caller, bob: Caller, live: LiveService) -> None:
    event = make_evening(alice, bob)

    statuses = Counter(status for status, _ in scan_at_once(live, alice, event, "one", "two"))

    assert statuses == {201: SCANNERS // 2, 200: SCANNERS // 2}
    assert len(messages("event.registration.attended")) == 1


def test_checking_in_and_marking_as_missing_at_once_say_what_they_did_in_order(
    alice: Caller, bob: Caller, live: LiveService
) -> None:
    event = make_evening(alice, bob, starts_in=timedelta(hours=-1))

    def move(number: int) -> int:
        name = ("attended", "no_show", "reset")[number % 3]
        return live.call(alice, "POST", f"/events/{event.id}/attendance", {name: [102]}).status

    with ThreadPoolExecutor(SCANNERS) as pool:
        assert set(pool.map(move, range(SCANNERS))) == {200}

    states = {"attended": "attended", "no_show": "no_show", "attendance_undone": "registered"}
    told = [states.get(message["event_type"].rpartition(".")[2]) for message in messages()]
    moves = ["registered", *(state for state in told if state)]
    assert all(one != two for one, two in pairwise(moves))
    assert moves[-1] == Registration.objects.get().status


def test_without_the_guard_every_scan_is_a_check_in(alice: Caller, bob: Caller, careless: LiveService) -> None:
    """The control: the same scans do check in again and again where the statement does not ask."""
    event = make_evening(alice, bob)

    statuses = Counter(status for status, _ in scan_at_once(careless, alice, event))

    assert statuses == {201: SCANNERS}
    assert len(messages("event.registration.attended")) == SCANNERS
