"""`manage.py create_topics`: make the topics that this service writes and reads."""

from typing import Any

from confluent_kafka import KafkaException
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.kafka.topics import create_topics


class Command(BaseCommand):
    """Safe to run any number of times; a topic that is there keeps its partitions."""

    requires_system_checks = ()  # they would read all views first, which takes as long as the rest
    help = "Make KAFKA_EVENT_TOPIC and KAFKA_USER_TOPICS where they are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The numbers of the platform's document."""
        parser.add_argument("--partitions", type=int, default=3, metavar="N")
        parser.add_argument("--replication-factor", type=int, default=1, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the names of the new topics."""
        topics = [settings.KAFKA_EVENT_TOPIC, *settings.KAFKA_USER_TOPICS]
        try:
            created = create_topics(
                topics, partitions=options["partitions"], replication_factor=options["replication_factor"]
            )
        except KafkaException as error:
            raise CommandError(f"Kafka at {settings.KAFKA_BOOTSTRAP_SERVERS}: {error.args[0].str()}") from error
        self.stdout.write("\n".join(created) or "Nothing to do: every topic is there.")
