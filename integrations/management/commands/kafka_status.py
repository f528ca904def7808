"""`manage.py kafka_status`: topics, the group's lag, the outbox and the dead letters on one page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from confluent_kafka import KafkaException
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.kafka.status import PartitionStatus, read_partitions
from integrations.outbox.backlog import measure_backlog

HEADINGS = [field.name for field in fields(PartitionStatus)]


class Command(BaseCommand):
    """Changes nothing. Ends with 1 when Kafka does not answer or a topic is missing, after it has said all it knows."""

    help = "Show our topics, the consumer group's lag, the outbox and the dead letters."

    def add_arguments(self, parser: CommandParser) -> None:
        """The form."""
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        """The database is asked first, which is there also when Kafka is not."""
        backlog = asdict(measure_backlog())
        partitions, fault = ask_kafka()
        if options["json"]:
            facts = {"kafka": settings.KAFKA_BOOTSTRAP_SERVERS, "group": settings.KAFKA_CONSUMER_GROUP}
            found = [asdict(partition) for partition in partitions]
            self.stdout.write(json.dumps({**facts, "partitions": found, "backlog": backlog}, indent=2))
        else:
            self.stdout.write(f"Kafka at {settings.KAFKA_BOOTSTRAP_SERVERS}, group {settings.KAFKA_CONSUMER_GROUP}\n")
            self.stdout.write(render([HEADINGS, *(list(asdict(partition).values()) for partition in partitions)]))
            self.stdout.write("")
            self.stdout.write(render([[name, round(value, 1)] for name, value in backlog.items()]))
        if fault:
            raise CommandError(fault)


def ask_kafka() -> tuple[list[PartitionStatus], str]:
    """The partitions, and what is wrong in one line; empty when nothing is."""
    try:
        partitions = read_partitions()
    except KafkaException as error:
        return [], f"Kafka at {settings.KAFKA_BOOTSTRAP_SERVERS}: {error.args[0].str()}"
    missing = {settings.KAFKA_EVENT_TOPIC, *settings.KAFKA_USER_TOPICS} - {each.topic for each in partitions}
    return partitions, f"Missing: {', '.join(sorted(missing))}. manage.py create_topics makes them." if missing else ""


def render(rows: Sequence[Sequence[object]]) -> str:
    """Rows as columns of text, each as wide as its widest word; what is not known is a dash."""
    texts = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts
    )
