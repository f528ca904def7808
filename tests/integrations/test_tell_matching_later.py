"""What matching-service did not take: put off, tried again, parked and given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from integrations.matching import relay
from integrations.matching.relay import delay_seconds, tell_matching
from integrations.models import OutboxMessage
from integrations.outbox.park import unpark_message
from tests.integrations.matching_service import EVENTS, MatchingService, promise
from tests.integrations.rude_server import rude_server
from tests.integrations.test_tell_matching import attempts, errors, make_due, make_older, parked_total, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@contextmanager
def put_off_by(shortest: float, longest: float) -> Iterator[None]:
    """The rows of the block's run are to be tried again so many seconds later."""
    start: datetime = now()
    yield
    end = now()
    times = list(OutboxMessage.objects.filter(attempts__gt=0).values_list("retry_at", flat=True))
    assert times != []
    for retry_at in times:
        assert start + timedelta(seconds=shortest) <= retry_at <= end + timedelta(seconds=longest)


@pytest.mark.parametrize("status", [302, 408, 500, 501])
def test_an_event_that_fails_is_tried_again_in_five_seconds_and_does_not_hold_up_others(
    matching: MatchingService, status: int
) -> None:
    matching.refuse(status, events=[0])
    promise(0, 1)
    promise(1, 1)

    with put_off_by(5, 5):
        assert tell_matching() == 1

    assert (states(), attempts()) == (["waiting", "published"], [1, 0])
    assert errors() == [f"answered {status}", ""]
    assert tell_matching() == 0
    assert matching.told == [(0, [1]), (1, [1])]


def test_what_is_due_again_is_told_with_what_has_come_since(matching: MatchingService) -> None:
    matching.answer_with(500)
    promise(0, 1)
    tell_matching()
    matching.answer_with(200)
    promise(0, 2)
    make_due()

    assert tell_matching() == 2

    assert matching.told[1:] == [(0, [1, 2])]
    assert (states(), errors()) == (["published"] * 2, [""] * 2)
    assert set(OutboxMessage.objects.values_list("retry_at", flat=True)) == {None}


@pytest.mark.parametrize(
    ("failed", "shortest", "longest"), [(1, 5, 10), (2, 10, 20), (9, 1280, 2560), (50, 1800, 3600)]
)
def test_each_failure_doubles_the_wait_up_to_an_hour(
    matching: MatchingService, failed: int, shortest: float, longest: float
) -> None:
    matching.answer_with(500)
    promise(0, 1)
    OutboxMessage.objects.update(attempts=failed)

    with put_off_by(shortest, longest):
        tell_matching()

    assert (attempts(), states()) == ([failed + 1], ["waiting"])


def test_the_wait_is_never_shorter_than_five_seconds_nor_longer_than_an_hour_and_differs() -> None:
    waits = [delay_seconds(attempts) for attempts in range(1, 2000)]

    assert delay_seconds(1) == 5.0
    assert (min(waits) >= 5.0, max(waits) <= 3600.0) == (True, True)
    assert len(set(waits[20:])) > 1900


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "seconds"), [("90", 90.0), ("86400", 3600.0), ("2", 5.0)])
def test_patience_that_is_asked_for_is_granted_to_the_row_and_to_the_service(
    matching: MatchingService, status: int, asked: str, seconds: float
) -> None:
    matching.answer_with(status, Retry_After=asked)
    promise(0, 1)
    promise(1, 1)

    with put_off_by(seconds, seconds):
        assert tell_matching() == 0

    assert (attempts(), matching.told) == ([1, 0], [(0, [1])])
    promise(2, 1)
    assert (tell_matching(), len(matching.told)) == (0, 1)

    cache.delete(relay.RESTING_KEY)
    matching.answer_with(200)
    assert (tell_matching(), states()) == (2, ["waiting", "published", "published"])


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_service_that_is_away_is_asked_once_a_run_and_by_another_event_the_next_time(
    matching: MatchingService, status: int
) -> None:
    matching.answer_with(status)
    for event in range(3):
        promise(event, 1)

    for asked in (1, 2, 3, 3):
        assert tell_matching() == 0
        assert len(matching.told) == asked

    assert (matching.told, attempts()) == ([(0, [1]), (1, [1]), (2, [1])], [1, 1, 1])


@pytest.mark.parametrize("manners", [{}, {"is_reset": True}, {"first": b"SSH-2.0-OpenSSH_9.6\r\n"}])
def test_a_dead_service_costs_one_timeout_a_run(settings: Any, manners: dict[str, Any]) -> None:
    settings.MATCHING_SERVICE_TIMEOUT_SECONDS = 0.3
    for event in range(3):
        promise(event, 1)
    with rude_server(**manners) as server:
        settings.MATCHING_SERVICE_URL = server.url

        with put_off_by(5, 5):
            assert tell_matching() == 0
        assert server.callers == 1

    assert (states(), attempts()) == (["waiting"] * 3, [1, 0, 0])


def test_a_refused_connection_puts_one_event_off() -> None:
    promise(0, 1)
    promise(1, 1)

    with put_off_by(5, 5):
        assert tell_matching() == 0

    assert (attempts(), errors()) == ([1, 0], ["no answer: NewConnectionError", ""])


def test_an_event_that_has_failed_for_a_day_is_parked_alone(matching: MatchingService) -> None:
    matching.refuse(500, events=[0, 1])
    for event in range(3):
        promise(event, 1)
    make_older(hours=24)
    OutboxMessage.objects.filter(key=EVENTS[0]).update(attempts=relay.TRIES_BEFORE_GIVING_UP - 1)
    OutboxMessage.objects.filter(key=EVENTS[1]).update(attempts=relay.TRIES_BEFORE_GIVING_UP - 2)
    before = parked_total()

    assert tell_matching() == 1

    assert states() == ["parked", "waiting", "published"]
    assert errors() == ["not told for a day: answered 500", "answered 500", ""]
    assert parked_total() == before + 1


def test_an_event_that_has_failed_for_less_than_a_day_waits_on(matching: MatchingService) -> None:
    matching.answer_with(500)
    promise(0, 1)
    make_older(hours=23, minutes=59)
    OutboxMessage.objects.update(attempts=40)

    tell_matching()

    assert (states(), attempts()) == (["waiting"], [41])


def test_a_service_that_is_away_for_a_day_is_told_nothing_older(matching: MatchingService) -> None:
    matching.answer_with(503)
    for event in range(3):
        promise(event, 1)
    make_older(hours=25)
    promise(3, 1)
    OutboxMessage.objects.filter(key=EVENTS[0]).update(attempts=relay.TRIES_BEFORE_GIVING_UP - 1)
    before = parked_total()

    assert tell_matching() == 0

    assert (states(), len(matching.told)) == (["parked", "parked", "parked", "waiting"], 1)
    assert parked_total() == before + 3


def test_what_is_sent_again_by_staff_has_all_its_tries_before_it(matching: MatchingService) -> None:
    matching.answer_with(503)
    promise(0, 1)
    make_older(hours=25)
    OutboxMessage.objects.update(attempts=relay.TRIES_BEFORE_GIVING_UP - 1)
    tell_matching()
    assert states() == ["parked"]

    unpark_message(OutboxMessage.objects.get().pk)
    tell_matching()
    assert (states(), attempts()) == (["waiting"], [1])

    matching.answer_with(200)
    make_due()
    assert (tell_matching(), states()) == (1, ["published"])


def test_the_oldest_is_tried_first_as_soon_as_it_is_due(matching: MatchingService) -> None:
    matching.answer_with(503)
    promise(0, 1)
    tell_matching()
    promise(1, 1)
    make_due()
    matching.answer_with(200)

    assert tell_matching() == 2
    assert matching.told == [(0, [1]), (0, [1]), (1, [1])]
