"""Telling matching-service what the outbox holds for it: merged, in order, put off, parked and given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now
from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer

from integrations.matching import relay
from integrations.matching.relay import delay_seconds, tell_matching
from integrations.models import OutboxMessage
from integrations.outbox.park import unpark_message
from integrations.tasks import tell_matching as tell_matching_task
from meetinity_events.observability import request_id
from tests.integrations.matching_service import EVENTS, MatchingService, promise
from tests.integrations.rude_server import rude_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def matching(settings: Any, httpserver: HTTPServer) -> MatchingService:
    settings.MATCHING_SERVICE_URL = httpserver.url_for("")
    return MatchingService(httpserver)


def states() -> list[str]:
    rows = OutboxMessage.objects.order_by("id")
    return ["published" if row.published_at else "parked" if row.parked_at else "waiting" for row in rows]


def errors() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("error", flat=True))


def attempts() -> list[int]:
    return list(OutboxMessage.objects.order_by("id").values_list("attempts", flat=True))


def make_due() -> None:
    """As if the time had passed."""
    cache.delete(relay.RESTING_KEY)
    OutboxMessage.objects.filter(retry_at__isnull=False).update(retry_at=now() - timedelta(seconds=1))


def make_older(**age: int) -> None:
    OutboxMessage.objects.update(created_at=now() - timedelta(**age))


def parked_total() -> float:
    return REGISTRY.get_sample_value("outbox_parked_total") or 0.0


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


def test_rows_of_an_event_are_told_together_and_events_in_the_order_of_their_oldest_row(
    matching: MatchingService,
) -> None:
    promise(1, 3, 2)
    promise(0, 1)
    promise(1, 4, 2, category="Workshop", tags=("ai",))

    assert tell_matching() == 3

    assert matching.told == [(1, [2, 3, 4]), (0, [1])]
    assert (matching.bodies[0]["event_category"], matching.bodies[0]["event_tags"]) == ("Workshop", ["ai"])
    assert set(matching.bodies[0]) == {"event_id", "attendees", "event_category", "event_tags"}
    assert states() == ["published"] * 3
    assert tell_matching() == 0
    assert len(matching.told) == 2


def test_the_task_tells_and_names_the_newest_request(matching: MatchingService) -> None:
    for name in ("req-1", "req-2"):
        token = request_id._request_id.set(name)
        promise(0, 1)
        request_id._request_id.reset(token)

    tell_matching_task()

    assert [request.headers["X-Request-ID"] for request in matching.requests] == ["req-2"]


def test_a_call_tells_of_a_thousand_attendees_and_of_each_once(matching: MatchingService) -> None:
    promise(0, *range(1500))
    promise(0, *range(700, 1200))
    promise(0, 1500, 1501)

    assert tell_matching() == 4

    assert matching.told == [(0, list(range(1000))), (0, list(range(700, 1502)))]


def test_more_rows_than_are_read_at_once_are_told_in_the_same_run(
    matching: MatchingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ROWS_AT_ONCE", 2)
    for number in range(5):
        promise(0, number)

    assert tell_matching() == 5
    assert matching.told == [(0, [0, 1]), (0, [2, 3]), (0, [4])]


def test_a_run_ends_before_the_next_one_begins(matching: MatchingService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "RUN_SECONDS", 0.0)
    promise(0, 1)

    assert (tell_matching(), matching.told, states()) == (0, [], ["waiting"])


@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_service_without_the_call_is_final_and_alarms_nobody(
    matching: MatchingService, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    matching.answer_with(status)
    promise(0, 1)
    promise(1, 1)
    before = parked_total()

    assert tell_matching() == 0

    assert (states(), errors()) == (["parked"] * 2, [f"answered {status}"] * 2)
    assert parked_total() == before
    assert [record.levelname for record in caplog.records if record.name == relay.logger.name] == ["INFO"] * 2
    assert tell_matching() == 0
    assert len(matching.told) == 2


def test_what_is_refused_is_parked_and_holds_nobody_up(matching: MatchingService) -> None:
    matching.refuse(422, events=[0])
    promise(0, 1)
    promise(1, 1)
    before = parked_total()

    assert tell_matching() == 1

    assert (states(), errors(), attempts()) == (["parked", "published"], ["answered 422", ""], [1, 0])
    assert parked_total() == before + 1


def test_of_a_refused_call_only_the_row_that_is_refused_alone_is_parked(matching: MatchingService) -> None:
    matching.refuse(400, users=[13])
    promise(0, 1, 2)
    promise(0, 12, 13)
    promise(0, 3)
    promise(1, 1)

    assert tell_matching() == 3

    assert matching.told == [(0, [1, 2, 3, 12, 13]), (0, [1, 2]), (0, [12, 13]), (0, [3]), (1, [1])]
    assert states() == ["published", "parked", "published", "published"]


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


def test_beat_asks_for_it_every_half_minute_and_forgets_what_nobody_did(settings: Any) -> None:
    (entry,) = [each for each in settings.CELERY_BEAT_SCHEDULE.values() if each["task"] == tell_matching_task.name]

    assert (entry["schedule"], entry["options"]) == (30.0, {"expires": 30.0})
