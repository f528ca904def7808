"""Sending a parked message again."""

from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from integrations.errors import MessageNotParked
from integrations.models import OutboxMessage
from integrations.outbox.record import NUDGE_KEY
from integrations.outbox.unpark import unpark_message

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
    assert cache.get(NUDGE_KEY) == 1


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
