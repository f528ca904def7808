"""How much one person may take, and that a retry of a lost race is one."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from meetinity_events.retry import retry_once
from registrations.limits import MOST_TIMES
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def reason(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, answer.json()["error"]["details"].get("reason")


def test_one_person_has_so_many_coming_events(alice: Caller, bob: Caller, settings: Any) -> None:
    settings.MAX_ACTIVE_REGISTRATIONS = 2
    events = [make_event(alice, max_attendees=5) for _ in range(3)]
    for event in events[:2]:
        assert bob.post(f"/events/{event.id}/register").status_code == 201
    before = snapshot(events[2])

    assert reason(bob.post(f"/events/{events[2].id}/register")) == (409, ["too_many_registrations"])
    assert snapshot(events[2]) == before

    bob.delete(f"/events/{events[0].id}/register")
    assert bob.post(f"/events/{events[2].id}/register").status_code == 201


def test_a_place_on_a_waitlist_counts_and_a_past_event_does_not(
    alice: Caller, bob: Caller, carol: Caller, settings: Any
) -> None:
    settings.MAX_ACTIVE_REGISTRATIONS = 1
    over, full, third = (make_event(alice, max_attendees=1) for _ in range(3))
    bob.post(f"/events/{over.id}/register")
    type(over).objects.filter(pk=over.pk).update(start_date=in_days(-1))
    carol.post(f"/events/{full.id}/register")

    assert bob.post(f"/events/{full.id}/register", {"waitlist": True}).status_code == 202
    assert reason(bob.post(f"/events/{third.id}/register")) == (409, ["too_many_registrations"])


def test_coming_and_going_ends_after_ten_times(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    for _ in range(MOST_TIMES):
        assert bob.post(f"/events/{event.id}/register").status_code == 201
        assert bob.delete(f"/events/{event.id}/register").status_code == 200

    assert reason(bob.post(f"/events/{event.id}/register")) == (409, ["changed_mind_too_often"])
    assert len(messages("event.registration.created")) == MOST_TIMES


def fail_with(*causes: psycopg.Error) -> tuple[Callable[[], str], list[str]]:
    """A transaction that fails so often, and the list of its tries."""
    waiting, tries = list(causes), []

    @retry_once
    def transact() -> str:
        tries.append("try")
        if waiting:
            raise OperationalError from waiting.pop()
        return "stored"

    return transact, tries


LOST = [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", LOST)
def test_a_lost_race_is_tried_once_more(error: type[psycopg.Error]) -> None:
    transact, tries = fail_with(error())

    assert (transact(), len(tries)) == ("stored", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", LOST)
def test_two_lost_races_are_the_callers(error: type[psycopg.Error]) -> None:
    transact, tries = fail_with(error(), error())

    with pytest.raises(OperationalError):
        transact()
    assert len(tries) == 2


@pytest.mark.django_db(transaction=True)
def test_another_error_is_not_tried_again() -> None:
    transact, tries = fail_with(psycopg.errors.AdminShutdown())

    with pytest.raises(OperationalError):
        transact()
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_nothing_is_tried_again() -> None:
    transact, tries = fail_with(psycopg.errors.DeadlockDetected())

    with pytest.raises(OperationalError), transaction.atomic():
        transact()
    assert (len(tries), connection.in_atomic_block) == (1, False)
