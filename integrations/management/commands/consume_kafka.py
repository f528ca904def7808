"""`manage.py consume_kafka`: the process that reads the platform's messages."""

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from integrations.kafka.consumer import MessageConsumer
from integrations.kafka.consumer_client import GiveUp, StopConsumingError
from meetinity_events.observability.metrics_server import serve_metrics


class Command(BaseCommand):
    """Ends with 0 after SIGTERM or SIGINT, with one line and 75 or 65 when going on would do harm.

    75 (EX_TEMPFAIL): Kafka or the database stays away; start it again. 65 (EX_DATAERR): too many messages were parked
    in a row; it ends again until staff have replayed or discarded them. 1: it cannot start at all, or has a defect.
    """

    requires_system_checks = ("kafka",)  # the others read all views, which nothing here needs
    help = (
        "Read KAFKA_USER_TOPICS until SIGTERM. Exit codes: 0 told to end, 75 start again, 65 look at the dead letters."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Finishes the messages in hand before it stops."""
        serve_metrics("KAFKA_CONSUMER_METRICS_PORT")
        consumer = MessageConsumer(settings.KAFKA_USER_TOPICS)

        def stop(number: int, frame: FrameType | None) -> None:
            consumer.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.stdout.write(f"Reading {', '.join(settings.KAFKA_USER_TOPICS)} from {settings.KAFKA_BOOTSTRAP_SERVERS}.")
        try:
            consumer.run()
        except StopConsumingError as error:
            raise CommandError(f"The consumer stops: {error}", returncode=error.reason) from error
        except OperationalError as error:
            raise CommandError(f"The consumer stops: {error}", returncode=GiveUp.TRY_AGAIN) from error
        finally:
            consumer.close()
