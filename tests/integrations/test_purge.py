"""What is old and done is deleted; what waits or was parked is not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from integrations import batches
from integrations.models import InboxMessage, OutboxMessage
from integrations.tasks import purge_outbox

pytestmark = pytest.mark.django_db


def test_purge_deletes_only_what_was_published_over_seven_days_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    now = timezone.now()
    old, recent = now - timedelta(days=7, minutes=1), now - timedelta(days=6, hours=23)
    times = {
        **{f"old {number}": {"published_at": old} for number in range(5)},
        "recent": {"published_at": recent},
        "waiting": {},
        "parked": {"parked_at": old},
    }
    for key, marks in times.items():
        OutboxMessage.objects.create(topic="t", key=key, message_type="m", payload={}, created_at=old, **marks)

    purge_outbox()
    purge_outbox()

    assert sorted(OutboxMessage.objects.values_list("key", flat=True)) == ["parked", "recent", "waiting"]


def test_purge_deletes_what_matching_service_did_not_take_after_seven_days_too() -> None:
    now = timezone.now()
    old, recent = now - timedelta(days=7, minutes=1), now - timedelta(days=6, hours=23)
    times = {
        "old and parked": {"parked_at": old},
        "old and published": {"published_at": old},
        "recently parked": {"parked_at": recent},
        "waiting": {},
    }
    for key, marks in times.items():
        OutboxMessage.objects.create(
            destination="matching", topic="/t", key=key, message_type="m", payload={}, created_at=old, **marks
        )

    purge_outbox()

    assert sorted(OutboxMessage.objects.values_list("key", flat=True)) == ["recently parked", "waiting"]


def test_purge_forgets_handled_messages_after_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    for offset, days in enumerate((29, 31, 32, 33)):
        handled_at = timezone.now() - timedelta(days=days)
        InboxMessage.objects.create(topic_id=uuid4(), partition=0, offset=offset, handled_at=handled_at)

    purge_outbox()

    assert InboxMessage.objects.get().offset == 0
