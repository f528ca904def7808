"""`manage.py replay_events`: tell Kafka again what it was told since some time, under the same `ce_id`."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count
from django.utils.timezone import make_aware

from integrations.outbox.replay import find_published, replay_published


class Command(BaseCommand):
    """Marks the messages as waiting; the relay sends them. Consumers drop what they have seen by its `ce_id`."""

    help = "Publish messages again that were recorded at or after --since; the outbox keeps seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which messages."""
        parser.add_argument("--since", type=read_time, required=True, help="ISO 8601; without an offset UTC")
        parser.add_argument("--until", type=read_time, help="only before this time")
        parser.add_argument("--type", nargs="+", default=[], metavar="TYPE", help="only of these event_types")
        parser.add_argument("--event", metavar="ID", help="only of this event")
        parser.add_argument("--dry-run", action="store_true", help="count them and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a type, then the sum."""
        rows = find_published(
            since=options["since"], until=options["until"], types=options["type"], key=options["event"]
        )
        for message_type, count in rows.order_by("message_type").values_list("message_type").annotate(Count("pk")):
            self.stdout.write(f"{count:8}  {message_type}")
        if options["dry_run"]:
            self.stdout.write(f"{rows.count()} would be published again.")
        else:
            self.stdout.write(f"{replay_published(rows)} wait to be published again.")


def read_time(text: str) -> datetime:
    """An instant. Raises ValueError, of which the command makes a line."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else make_aware(moment)
