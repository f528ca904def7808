"""`manage.py refresh_event_stats`: what beat does for the statistics and trends, once and by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from events.statistics import find_refreshed_at
from registrations.statistics import refresh_views


class Command(BaseCommand):
    """Safe at any time: a view that somebody else refreshes is left to them."""

    help = "Bring the materialised views event_stats, registration_stats and event_trends up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints a line for each view."""
        for view, is_done in refresh_views().items():
            note = "" if is_done else ", being refreshed by somebody else"
            self.stdout.write(f"{view}: {find_refreshed_at(view)}{note}")
