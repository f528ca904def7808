"""`manage.py worker_alive NAME`: the liveness probe of a Celery worker and of the consumer."""

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetinity_events.heartbeat import ALIVE_SECONDS, is_alive


class Command(BaseCommand):
    """Runs beside its worker: both use the same data folder."""

    requires_system_checks = ()  # they would read all views first, which takes as long as the rest
    help = "End with 0 when the worker ran its heartbeat in the last minute, else with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        """The part before the @ of the worker's node name."""
        parser.add_argument("name", help="default, outbox or consumer; NAME@HOST for one of another host")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line."""
        name = options["name"]
        worker = name if "@" in name else f"{name}@{socket.gethostname()}"
        if not is_alive(worker):
            raise CommandError(f"{worker} has given no sign of life for {ALIVE_SECONDS:.0f} seconds.")
        self.stdout.write(f"{worker} is alive.")
