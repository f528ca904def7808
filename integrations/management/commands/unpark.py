"""`manage.py unpark`: let the relay send parked messages of the outbox again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.errors import MessageNotParked
from integrations.models import OutboxMessage
from integrations.outbox.park import unpark_message


class Command(BaseCommand):
    """Each number by itself; ends with 1 when any of them was not parked, after all had their turn."""

    help = "Let the relay send parked messages of the outbox again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("ids", type=int, nargs="*", default=[], metavar="ID", help="numbers in the outbox")
        chosen.add_argument("--all", action="store_true", help="every parked message, oldest first")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a message."""
        parked = OutboxMessage.objects.filter(parked_at__isnull=False).order_by("id")
        refused = 0
        for number in list(parked.values_list("pk", flat=True)) if options["all"] else options["ids"]:
            try:
                unpark_message(number)
                self.stdout.write(f"{number}  waits again")
            except MessageNotParked as error:
                refused += 1
                self.stdout.write(f"{number}  refused: {error}")
        if refused:
            raise CommandError(f"{refused} not unparked.")
