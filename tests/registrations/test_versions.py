"""A move that names the version which its maker has seen."""

from collections.abc import Callable
from typing import Any

import pytest

from events.errors import StaleVersion
from events.models import Event
from events.services.publish_event import publish_event
from registrations.services.cancel_event import cancel_event
from registrations.services.complete_event import complete_event
from tests.factories import Caller, in_days, make_event, snapshot

pytestmark = pytest.mark.django_db

Move = Callable[..., Event]


def cancel(**arguments: Any) -> Event:
    return cancel_event(reason="rain", **arguments)


MOVES = [(publish_event, "draft", "active"), (complete_event, "active", "completed"), (cancel, "active", "cancelled")]


def make_started(alice: Caller, status: str) -> Event:
    event = make_event(alice, status=status)
    Event.objects.update(start_date=in_days(-1))
    return event


@pytest.mark.parametrize(("move", "before", "after"), MOVES)
def test_who_saw_this_version_moves_the_event(alice: Caller, move: Move, before: str, after: str) -> None:
    event = make_started(alice, before)

    moved = move(event_id=event.pk, caller=alice.principal, versions=[7, 1])

    assert (moved.status, moved.version) == (after, 2)


@pytest.mark.parametrize(("move", "before", "after"), MOVES)
@pytest.mark.parametrize("versions", [[], [2], [0, 2, 3]])
def test_who_saw_another_version_moves_nothing(
    alice: Caller, move: Move, before: str, after: str, versions: list[int]
) -> None:
    event = make_started(alice, before)
    stored = snapshot(event)

    with pytest.raises(StaleVersion):
        move(event_id=event.pk, caller=alice.principal, versions=versions)

    assert snapshot(event) == stored


@pytest.mark.parametrize(("move", "before", "after"), MOVES)
def test_a_repeat_with_the_old_version_is_stale_too(alice: Caller, move: Move, before: str, after: str) -> None:
    event = make_started(alice, before)
    move(event_id=event.pk, caller=alice.principal, versions=[1])
    stored = snapshot(event)

    with pytest.raises(StaleVersion):
        move(event_id=event.pk, caller=alice.principal, versions=[1])
    assert move(event_id=event.pk, caller=alice.principal, versions=[2]).status == after
    assert snapshot(event) == stored
