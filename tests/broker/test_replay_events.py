"""`manage.py replay_events`: Kafka is told again what it was told, under the same ids and in the same order."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils.timezone import now

from integrations.models import OutboxMessage
from integrations.outbox import replay
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from tests.broker.wire import header, read_topic

pytestmark = pytest.mark.django_db(transaction=True)

TYPES = ("event.created", "event.updated", "event.updated", "event.cancelled")


@pytest.fixture
def told(event_topic: str) -> list[OutboxMessage]:
    """Four messages of one event, an hour apart, of which the last is a few minutes old; all published."""
    for number, message_type in enumerate(TYPES):
        with transaction.atomic():
            record(message_type=message_type, key="a", payload={"number": number})
    messages = list(OutboxMessage.objects.order_by("id"))
    for hours, message in enumerate(reversed(messages)):
        at = now() - timedelta(hours=hours, minutes=5)
        OutboxMessage.objects.filter(pk=message.pk).update(created_at=at)
    assert relay_outbox() == len(TYPES)
    return messages


def since(hours: float) -> str:
    return (now() - timedelta(hours=hours)).isoformat()


def ids_in(topic: str) -> list[str]:
    return [header(message, "ce_id") for message in read_topic(topic, len(TYPES))]


def test_replayed_messages_come_again_under_their_ids_in_their_order(
    told: list[OutboxMessage], event_topic: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replay, "AT_A_TIME", 2)

    call_command("replay_events", "--since", since(2.5))
    assert relay_outbox() == 3

    first = [str(message.id) for message in told]
    assert ids_in(event_topic) == first + first[1:]
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["1", "event.cancelled"], ["2", "event.updated"], ["3", "wait", "to", "be", "published", "again."]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--type", "event.updated"], [1, 2]),
        (["--type", "event.created", "event.cancelled"], [0, 3]),
        (["--event", "b"], []),
        (["--until", "2020-01-01"], []),
    ],
)
def test_filters_choose_the_messages(told: list[OutboxMessage], filters: list[str], expected: list[int]) -> None:
    call_command("replay_events", "--since", since(24), *filters)

    waiting = OutboxMessage.objects.filter(published_at=None).order_by("id")
    assert [message.payload["number"] for message in waiting] == expected


def test_a_dry_run_counts_and_changes_nothing(told: list[OutboxMessage], capsys: pytest.CaptureFixture[str]) -> None:
    before = list(OutboxMessage.objects.order_by("id").values())

    call_command("replay_events", "--since", since(24), "--dry-run")

    assert "4 would be published again." in capsys.readouterr().out
    assert list(OutboxMessage.objects.order_by("id").values()) == before


def test_what_waits_or_was_parked_or_went_elsewhere_is_left_alone(told: list[OutboxMessage]) -> None:
    ids = [message.pk for message in told]
    OutboxMessage.objects.filter(pk=ids[0]).update(published_at=None, parked_at=now())
    OutboxMessage.objects.filter(pk=ids[1]).update(published_at=None)
    OutboxMessage.objects.filter(pk=ids[2]).update(destination="matching")

    call_command("replay_events", "--since", since(24))

    rows: dict[int, Any] = {row.pk: row for row in OutboxMessage.objects.all()}
    assert rows[ids[0]].parked_at is not None
    assert rows[ids[2]].published_at is not None
    assert rows[ids[3]].published_at is None


def test_a_time_that_is_none_is_one_line() -> None:
    with pytest.raises(CommandError, match="since"):
        call_command("replay_events", "--since", "yesterday")
