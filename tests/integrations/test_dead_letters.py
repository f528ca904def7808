"""What staff do with parked messages."""

from datetime import UTC, datetime
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

    call_command("replay_dead_letters", "--id", str(letter.pk))

    assert UserProfile.objects.get().user_id == UUID(int=5)
    assert resolution(letter) == "replayed"
    with pytest.raises(DeadLetterNotFound):
        replay(letter.pk)


def test_a_replay_that_is_refused_again_leaves_the_letter_open_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = parked(user_id=None), parked(user_id=5)

    with pytest.raises(CommandError, match=r"1 refused again; they stay open\."):
        call_command("replay_dead_letters")

    assert (resolution(bad), resolution(good)) == ("", "replayed")
    assert "refused: ValueError: not a user id" in capsys.readouterr().out


def test_a_dry_run_lists_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    letter = parked(user_id=5)

    call_command("replay_dead_letters", "--dry-run")

    assert capsys.readouterr().out.startswith(f"{letter.pk}  ")
    assert resolution(letter) == ""
    assert UserProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        (["--topic", "other.events"], ["second"]),
        (["--type", "user.updated"], ["first"]),
        (["--error", "TOO LARGE"], ["second"]),
        (["--since", "2026-06-01"], ["second"]),
        (["--since", "2026-06-01T00:00:00+02:00", "--topic", "user.events"], []),
        (["--limit", "1"], ["first"]),
        ([], ["first", "second"]),
    ],
)
def test_filters_choose_the_letters(filters: list[str], chosen: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first, second = parked(user_id=5), parked(user_id=6)
    DeadLetter.objects.filter(pk=first.pk).update(
        message_type="user.updated", created_at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    DeadLetter.objects.filter(pk=second.pk).update(
        topic="other.events", error="value too large", created_at=datetime(2026, 9, 1, tzinfo=UTC)
    )
    names = {str(first.pk): "first", str(second.pk): "second"}

    call_command("replay_dead_letters", "--dry-run", *filters)

    assert [names[line.split()[0]] for line in capsys.readouterr().out.splitlines()] == chosen


def test_a_discarded_letter_stays_but_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    kept, given_up = parked(user_id=5), parked(user_id=6)

    call_command("replay_dead_letters", "--discard", "--id", str(given_up.pk))

    assert (resolution(kept), resolution(given_up)) == ("", "discarded")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [str(given_up.pk)]
    with pytest.raises(DeadLetterNotFound):
        discard(given_up.pk)


def test_the_count_begins_anew_with_each_handled_message_and_forgets_what_staff_have_closed() -> None:
    first = parked(user_id=1)
    parked(user_id=2)
    assert count_parked_in_a_row() == 2

    discard(first.pk)
    assert count_parked_in_a_row() == 1

    record_handled([Position(uuid4(), 0, 7)])
    assert count_parked_in_a_row() == 0

    parked(user_id=3)
    assert count_parked_in_a_row() == 1
