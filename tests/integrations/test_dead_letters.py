"""What staff do with parked messages."""

from uuid import UUID, uuid4

import orjson
import pytest
from django.core.management import CommandError, call_command

from integrations.errors import DeadLetterNotFound
from integrations.kafka.dead_letters import count_parked_in_a_row, discard, replay
from integrations.kafka.inbox import Position, record_handled
from integrations.models import DeadLetter, UserProfile

pytestmark = pytest.mark.django_db


def parked(**payload: object) -> DeadLetter:
    value = orjson.dumps({"event_type": "user.updated", "timestamp": "2026-01-02T03:04:05Z", **payload})
    return DeadLetter.objects.create(
        topic="user.events", topic_id=uuid4(), partition=0, offset=1, value=value, error="ValueError: not a user id"
    )


def resolution(letter: DeadLetter) -> str:
    letter.refresh_from_db()
    return letter.resolution


def test_a_replay_handles_the_message_and_closes_the_letter() -> None:
    letter = parked(user_id=5)

    call_command("dead_letters", "--replay", str(letter.pk))

    assert UserProfile.objects.get().user_id == UUID(int=5)
    assert resolution(letter) == "replayed"
    with pytest.raises(DeadLetterNotFound):
        replay(letter.pk)


def test_a_replay_that_is_refused_again_leaves_the_letter_open() -> None:
    letter = parked(user_id=None)

    with pytest.raises(CommandError, match="not a user id"):
        call_command("dead_letters", "--replay", str(letter.pk))

    assert resolution(letter) == ""


def test_a_discarded_letter_stays_but_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    kept, given_up = parked(user_id=5), parked(user_id=6)

    call_command("dead_letters", "--discard", str(given_up.pk))

    assert (resolution(kept), resolution(given_up)) == ("", "discarded")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [str(kept.pk)]
    with pytest.raises(DeadLetterNotFound):
        discard(given_up.pk)


def test_the_count_begins_anew_with_each_handled_message_and_forgets_what_staff_have_closed() -> None:
    first = parked(user_id=1)
    parked(user_id=2)
    assert count_parked_in_a_row() == 2

    discard(first.pk)
    assert count_parked_in_a_row() == 1

    record_handled(Position(uuid4(), 0, 7))
    assert count_parked_in_a_row() == 0

    parked(user_id=3)
    assert count_parked_in_a_row() == 1
