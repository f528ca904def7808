"""What beat starts for the events."""

from celery import shared_task

from events.partitions import ensure_partitions


@shared_task
def make_partitions() -> None:
    """This year's partition and the next two."""
    ensure_partitions(ahead=2)
