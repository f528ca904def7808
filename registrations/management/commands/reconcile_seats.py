"""`manage.py reconcile_seats`: hold the counters of seats against the registrations, and correct them where asked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registrations.services.reconcile_seats import SeatCount, reconcile_seats


class Command(BaseCommand):
    """One line for each event that drifted; ends with 1 when any of them remains wrong."""

    help = "Print the events whose counter of seats is not what their registrations say; --fix corrects them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to correct."""
        parser.add_argument("--fix", action="store_true", help="set the counter, and promote who waits for a free seat")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, and say how many in all."""
        check = reconcile_seats(is_fixing=options["fix"], report=self.print_drift)
        self.stdout.write(f"{check.events} events, {check.drifted} drifted, {check.corrected} corrected")
        if check.drifted > check.corrected:
            raise CommandError(f"{check.drifted - check.corrected} remain; --fix corrects those that are not oversold.")

    def print_drift(self, count: SeatCount, is_corrected: bool) -> None:
        """One line."""
        facts = f"counter {count.counter}  seats held {count.seats}  waiting beside a free seat {count.stranded}"
        self.stdout.write(f"{count.event_id}  {facts}  {'corrected' if is_corrected else 'wrong'}")
