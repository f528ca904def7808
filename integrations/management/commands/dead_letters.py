"""`manage.py dead_letters`: see what the consumer has parked, and replay or discard it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.kafka.dead_letters import discard, replay
from integrations.models import DeadLetter
from meetinity_events.errors import DomainError


class Command(BaseCommand):
    """Without an option it lists the open ones and changes nothing."""

    help = "List the open dead letters, or replay or discard some by number."

    def add_arguments(self, parser: CommandParser) -> None:
        """Numbers as the list prints them."""
        parser.add_argument("--replay", type=int, nargs="+", default=[], metavar="ID")
        parser.add_argument("--discard", type=int, nargs="+", default=[], metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1 at the first letter that is not open or that its handler refuses again."""
        try:
            for number in options["replay"]:
                replay(number)
            for number in options["discard"]:
                discard(number)
        except (DomainError, ValueError) as error:
            raise CommandError(f"{number}: {error}") from error
        for letter in DeadLetter.objects.filter(resolved_at__isnull=True).order_by("id").defer("value"):
            self.stdout.write(f"{letter.pk}  {letter.created_at:%Y-%m-%d %H:%M:%S}  {letter}  {letter.error}")
