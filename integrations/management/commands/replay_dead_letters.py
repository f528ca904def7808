"""`manage.py replay_dead_letters`: give what the consumer has parked to its handlers again, or give it up."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.timezone import make_aware

from integrations.kafka.dead_letters import discard, replay
from integrations.models import DeadLetter


class Command(BaseCommand):
    """Acts on the open letters that every filter leaves, oldest first; without a filter on all of them."""

    help = "Replay the open dead letters that the filters leave; --dry-run only lists them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Filters, and what to do."""
        parser.add_argument("--id", type=int, nargs="+", metavar="ID", help="only these numbers")
        parser.add_argument("--topic", help="only from this topic")
        parser.add_argument("--type", help="only of this event_type")
        parser.add_argument("--error", help="only with this text in the error")
        parser.add_argument("--since", type=datetime.fromisoformat, help="only parked at or after this time (UTC)")
        parser.add_argument("--limit", type=int, help="no more than this many")
        parser.add_argument("--dry-run", action="store_true", help="list them and change nothing")
        parser.add_argument("--discard", action="store_true", help="give them up instead of replaying them")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a letter; ends with 1 when a handler refused any of them again, after all had their turn."""
        refused = 0
        for letter in find_letters(options):
            outcome = "would be replayed" if options["dry_run"] else act(letter, is_discard=options["discard"])
            refused += outcome.startswith("refused")
            self.stdout.write(f"{letter.pk}  {letter.created_at:%Y-%m-%d %H:%M:%S}  {letter}  {outcome}")
        if refused:
            raise CommandError(f"{refused} refused again; they stay open.")


def find_letters(options: dict[str, Any]) -> "QuerySet[DeadLetter]":
    """The open letters that the filters leave; their values, up to 32 MiB each, are read one at a time later."""
    letters = DeadLetter.objects.filter(resolved_at__isnull=True).order_by("id").defer("value")
    since = options["since"]
    wanted = {
        "pk__in": options["id"],
        "topic": options["topic"],
        "message_type": options["type"],
        "error__icontains": options["error"],
        "created_at__gte": make_aware(since) if since and since.tzinfo is None else since,
    }
    letters = letters.filter(**{name: value for name, value in wanted.items() if value is not None})
    return letters[: options["limit"]] if options["limit"] else letters


def act(letter: DeadLetter, *, is_discard: bool) -> str:
    """Replay or discard one letter; says what came of it. A handler may refuse with any error: the data is bad."""
    if is_discard:
        discard(letter.pk)
        return "discarded"
    try:
        replay(letter.pk)
    except Exception as error:  # noqa: BLE001 - as in the consumer: it is shown, counted, and the letter stays open
        return f"refused: {type(error).__name__}: {error}"
    return "replayed"
