"""`manage.py refresh_search_words`: count the words that misspelt searches are told by, as beat does every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from events.search.words import refresh_words


class Command(BaseCommand):
    """Safe to run at any time and any number of times."""

    help = "Count the words of active events anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints whether it did."""
        self.stdout.write("Done." if refresh_words() else "Another refresh is under way.")
