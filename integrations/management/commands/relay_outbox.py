"""`manage.py relay_outbox`: what the worker does, once and by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.outbox.relay import relay_outbox


class Command(BaseCommand):
    """Safe beside a running worker: only one of them sends."""

    help = "Send the waiting messages of the outbox to Kafka."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many were acknowledged."""
        self.stdout.write(f"{relay_outbox()} messages published.")
