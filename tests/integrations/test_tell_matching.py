"""Telling matching-service what the outbox holds for it: merged, in order, and parked when it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now
from prometheus_client import REGISTRY

from integrations.matching import relay
from integrations.matching.relay import tell_matching
from integrations.models import OutboxMessage
from integrations.tasks import tell_matching as tell_matching_task
from meetinity_events.observability import request_id
from tests.integrations.matching_service import MatchingService, promise

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


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


def test_beat_asks_for_it_every_half_minute_and_forgets_what_nobody_did(settings: Any) -> None:
    (entry,) = [each for each in settings.CELERY_BEAT_SCHEDULE.values() if each["task"] == tell_matching_task.name]

    assert (entry["schedule"], entry["options"]) == (30.0, {"expires": 30.0})
