"""Keeping messages back by hand, and sending parked ones again."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from integrations.errors import MessageNotParked, MessageNotWaiting
from integrations.models import OutboxMessage
from integrations.outbox.park import park_message, unpark_message
from integrations.outbox.record import was_asked

pytestmark = pytest.mark.django_db


def make_message(**fields: Any) -> OutboxMessage:
    return OutboxMessage.objects.create(
        topic="event.events", key="k", message_type="event.created", payload={"a": 1}, **fields
    )


@pytest.mark.django_db(transaction=True)
def test_a_parked_message_waits_again_and_the_relay_is_woken() -> None:
    message = make_message(parked_at=now(), error="too large")
    before = OutboxMessage.objects.values().get()

    unpark_message(message.pk)

    assert OutboxMessage.objects.values().get() == {**before, "parked_at": None, "error": ""}
    assert was_asked()


def test_a_message_that_was_given_up_begins_anew() -> None:
    message = make_message(parked_at=now(), error="answered 503", attempts=40)

    unpark_message(message.pk)

    assert OutboxMessage.objects.get().attempts == 0


@pytest.mark.parametrize("is_published", [False, True])
def test_what_is_not_parked_is_refused_and_left_as_it_is(is_published: bool) -> None:
    message = make_message(published_at=now() if is_published else None)
    before = OutboxMessage.objects.values().get()

    with pytest.raises(MessageNotParked):
        unpark_message(message.pk)

    assert OutboxMessage.objects.values().get() == before


def test_what_is_absent_is_refused() -> None:
    with pytest.raises(MessageNotParked):
        unpark_message(1)


def test_a_repeat_is_refused() -> None:
    message = make_message(parked_at=now(), error="too large")
    unpark_message(message.pk)

    with pytest.raises(MessageNotParked):
        unpark_message(message.pk)


def test_a_message_that_is_parked_by_hand_waits_no_more_and_says_why() -> None:
    message = make_message()

    park_message(message.pk, reason="the consumer of this one is broken")

    row = OutboxMessage.objects.get()
    assert (row.parked_at is not None, row.error) == (True, "the consumer of this one is broken")


@pytest.mark.parametrize("marks", [{"published_at": now()}, {"parked_at": now()}])
def test_what_does_not_wait_cannot_be_parked(marks: dict[str, Any]) -> None:
    message = make_message(**marks)
    before = OutboxMessage.objects.values().get()

    with pytest.raises(MessageNotWaiting):
        park_message(message.pk, reason="x")

    assert OutboxMessage.objects.values().get() == before


def test_the_commands_act_on_each_number_and_say_what_they_could_not_do(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, published = make_message(), make_message(), make_message(published_at=now())

    with pytest.raises(CommandError, match=r"^1 not parked\.$"):
        call_command("park", str(first.pk), str(published.pk), str(second.pk), "--reason", "by mistake")
    assert OutboxMessage.objects.filter(error="by mistake", parked_at__isnull=False).count() == 2

    with pytest.raises(CommandError, match=r"^1 not unparked\.$"):
        call_command("unpark", str(published.pk), str(first.pk))
    call_command("unpark", "--all")

    assert OutboxMessage.objects.filter(parked_at=None, error="").count() == 3
    lines = [line.split("  ")[1] for line in capsys.readouterr().out.splitlines()]
    refusals = ["refused: The outbox holds no waiting message of this number."]
    assert lines[:3] == ["parked", *refusals, "parked"]
    assert lines[3:] == ["refused: The outbox holds no parked message of this number.", "waits again", "waits again"]
