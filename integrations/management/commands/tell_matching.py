"""`manage.py tell_matching`: what the worker does, once and by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.matching.relay import tell_matching


class Command(BaseCommand):
    """Safe beside a running worker: only one of them sends."""

    requires_system_checks = ()  # they would read all views first, which takes as long as the rest
    help = "Tell matching-service what waits for it in the outbox."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many were told."""
        self.stdout.write(f"{tell_matching()} messages told.")
