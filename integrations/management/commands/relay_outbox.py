"""`manage.py relay_outbox`: what the worker does, once and by hand."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from integrations.outbox.relay import relay_outbox


class Command(BaseCommand):
    """Safe beside a running worker: only one of them sends."""

    requires_system_checks = ()  # they would read all views first, which takes as long as the rest
    help = "Send the waiting messages of the outbox to Kafka."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many were acknowledged. SIGTERM and SIGINT let it finish and mark what is on its way."""
        is_told_to_stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: is_told_to_stop.set())
        self.stdout.write(f"{relay_outbox(is_told_to_stop.is_set)} messages published.")
