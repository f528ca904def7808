"""`manage.py partitions --ahead N`: make the yearly partitions of `events` before they are needed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from events.partitions import ensure_partitions


class Command(BaseCommand):
    """Safe to run at any time and any number of times."""

    help = "Make the partitions of this year and of N years ahead."

    def add_arguments(self, parser: CommandParser) -> None:
        """N is 2 unless said otherwise."""
        parser.add_argument("--ahead", type=int, default=2, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the names of the new partitions."""
        names = ensure_partitions(ahead=options["ahead"])
        self.stdout.write("\n".join(names) or "Nothing to do: every partition is there.")
