"""`manage.py consume_kafka`: the process that reads the platform's messages."""

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.consumer_client import StopConsumingError


class Command(BaseCommand):
    """Ends with 0 after SIGTERM or SIGINT, with 1 and one line when going on would do harm."""

    help = "Read KAFKA_USER_TOPICS until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        """Finishes the message in hand before it stops."""
        consumer = MessageConsumer(settings.KAFKA_USER_TOPICS)

        def stop(number: int, frame: FrameType | None) -> None:
            consumer.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.stdout.write(f"Reading {', '.join(settings.KAFKA_USER_TOPICS)} from {settings.KAFKA_BOOTSTRAP_SERVERS}.")
        try:
            consumer.run()
        except (StopConsumingError, OperationalError) as error:
            raise CommandError(f"The consumer stops: {error}") from error
        finally:
            consumer.close()
