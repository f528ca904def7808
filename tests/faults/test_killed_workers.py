"""Workers of gunicorn that die at any moment while their clients try again under the same Idempotency-Key."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from threading import Event as Flag
from typing import Any
from uuid import uuid4

import orjson
import psutil
import pytest
import urllib3

from events.models import Event
from meetinity_events.embedded.ports import wait_until
from registrations.limits import MOST_TIMES
from tests.conftest import caller
from tests.factories import Caller, make_event
from tests.live import LiveService, live_service
from tests.registrations.replay import require_model

pytestmark = pytest.mark.django_db(transaction=True)
KILLS, CLIENTS, EVENTS, SEATS = 100, 8, 6, 3
WORKERS, AT_ONCE = 5, 4
RESPAWN_SECONDS = 60


@dataclass
class Client:
    """Somebody who wants something until it is answered."""

    service: LiveService
    caller: Caller
    has_one_key: bool
    tries: int = 0
    refusals: list[Any] = field(default_factory=list)

    def insist(self, path: str, body: Any) -> None:
        """One intent: sent again while no answer comes, and while its twin is said to run."""
        key = str(uuid4())
        while True:
            self.tries += 1
            key = key if self.has_one_key else str(uuid4())
            try:
                answer = self.service.call(self.caller, "POST", path, body, **{"Idempotency-Key": key})
            except urllib3.exceptions.HTTPError:
                continue
            if answer.status < 300:
                return
            reason = orjson.loads(answer.data)["error"]["details"].get("reason")
            if answer.status != 503 and reason != ["request_in_progress"]:
                self.refusals.append((answer.status, reason))
                return

    def come_and_go(self, events: list[Event], is_over: Flag) -> int:
        """Join and leave the events until told to stop, or as often as one person may; returns how many intents."""
        intents = 0
        for _, event in product(range(MOST_TIMES), events):
            for word, body in (("register", {"waitlist": True}), ("unregister", None)):
                if is_over.is_set():
                    return intents
                self.insist(f"/events/{event.id}/{word}", body)
                intents += 1
        return intents


@pytest.fixture(scope="module")
def service(django_db_setup: None) -> Iterator[LiveService]:
    """One for both tests: whatever dies in the first is there again in the second."""
    with live_service(WEB_WORKERS=str(WORKERS), WEB_THREADS="4") as running:
        assert wait_until(lambda: len(workers_of(running)) == WORKERS, RESPAWN_SECONDS)  # the first one answers
        yield running


def workers_of(service: LiveService) -> list[psutil.Process]:
    return psutil.Process(service.pid).children()


def kill_workers(service: LiveService) -> None:
    """All but one of those that serve, by SIGKILL; back when others have taken their place."""
    victims = random.sample(workers_of(service), AT_ONCE)
    for victim in victims:
        victim.kill()
    assert wait_until(lambda: len(set(workers_of(service)) - set(victims)) == WORKERS, RESPAWN_SECONDS)


def run(service: LiveService, organiser: Caller, *, kills: int, has_one_key: bool) -> tuple[list[Event], list[Client]]:
    """Everybody comes and goes while workers die, until somebody is refused."""
    events = [make_event(organiser, max_attendees=SEATS) for _ in range(EVENTS)]
    clients = [Client(service, caller(2000 + number), has_one_key) for number in range(CLIENTS)]
    is_over = Flag()
    with ThreadPoolExecutor(CLIENTS) as pool:
        going = [pool.submit(client.come_and_go, events, is_over) for client in clients]
        try:
            for _ in range(kills // AT_ONCE):
                kill_workers(service)
                if any(client.refusals for client in clients):
                    break
        finally:
            is_over.set()
        intents = sum(future.result() for future in going)
    assert intents > 0
    return events, clients


def test_a_hundred_killed_workers_leave_a_world_that_the_model_knows(service: LiveService, alice: Caller) -> None:
    events, clients = run(service, alice, kills=KILLS, has_one_key=True)

    assert [client.refusals for client in clients] == [[]] * CLIENTS
    for event in events:
        require_model(event, SEATS)


def test_without_the_same_key_a_client_is_refused_what_it_has_got(service: LiveService, alice: Caller) -> None:
    """The control: the kills do fall between what was done and its answer."""
    for _ in range(10):
        _, clients = run(service, alice, kills=20, has_one_key=False)
        refused = {reason for client in clients for _, (reason,) in client.refusals}
        if refused:
            break

    assert refused <= {"already_registered", "already_waiting"}
    assert refused
