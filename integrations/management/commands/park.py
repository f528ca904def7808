"""`manage.py park`: keep waiting messages of the outbox back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.errors import MessageNotWaiting
from integrations.outbox.park import park_message


class Command(BaseCommand):
    """Each number by itself; ends with 1 when any of them was not waiting, after all had their turn."""

    help = "Keep waiting messages of the outbox back until they are unparked."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and why."""
        parser.add_argument("ids", type=int, nargs="+", metavar="ID", help="numbers in the outbox, Kafka's ce_id")
        parser.add_argument("--reason", default="parked by hand", help="shown beside the message")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a message."""
        refused = 0
        for number in options["ids"]:
            try:
                park_message(number, reason=options["reason"])
                self.stdout.write(f"{number}  parked")
            except MessageNotWaiting as error:
                refused += 1
                self.stdout.write(f"{number}  refused: {error}")
        if refused:
            raise CommandError(f"{refused} not parked.")
