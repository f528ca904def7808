"""How far behind the messages are, as the scrape tells it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from integrations.kafka.dead_letters import discard
from integrations.models import DeadLetter, OutboxMessage
from integrations.outbox.backlog import Backlog, measure_backlog
from tests.factories import Caller, make_event

pytestmark = pytest.mark.django_db


def promise_to_matching(**marks: Any) -> None:
    """Older than everything that waits for Kafka."""
    OutboxMessage.objects.create(
        destination="matching",
        topic="/t",
        key="k",
        message_type="m",
        payload={},
        created_at=now() - timedelta(days=1),
        **marks,
    )


def test_nothing_waits_in_an_empty_outbox() -> None:
    assert measure_backlog() == Backlog(pending=0, oldest_seconds=0.0, dead_letters=0, matching_pending=0)


def test_only_what_waits_counts(alice: Caller, anonymous: Caller) -> None:
    for _ in range(4):
        make_event(alice)
    for marks in ({}, {"attempts": 1, "retry_at": now()}, {"published_at": now()}, {"parked_at": now()}):
        promise_to_matching(**marks)
    first, second, third, *_ = OutboxMessage.objects.order_by("id")
    OutboxMessage.objects.filter(pk=first.pk).update(published_at=now())
    OutboxMessage.objects.filter(pk=second.pk).update(parked_at=now(), error="too large")
    OutboxMessage.objects.filter(pk=third.pk).update(created_at=now() - timedelta(minutes=10))
    _, closed = (
        DeadLetter.objects.create(topic="user.events", topic_id=alice.id, partition=0, offset=number, error="?")
        for number in range(2)
    )
    discard(closed.pk)

    backlog = measure_backlog()

    assert (backlog.pending, backlog.dead_letters, backlog.matching_pending) == (2, 1, 2)
    assert backlog.oldest_seconds == pytest.approx(600, abs=60)
    scraped = anonymous.get("/metrics").content.decode()
    assert "outbox_pending 2.0" in scraped
    assert "dead_letters 1.0" in scraped
    assert "matching_pending 2.0" in scraped
