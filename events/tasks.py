"""What beat starts for the events."""

from celery import shared_task

from events import popularity
from events.partitions import ensure_partitions
from events.search import words
from events.services import sweep_images as sweeping
from events.statistics import EVENT_STATS, refresh_view


@shared_task
def make_partitions() -> None:
    """This year's partition and the next two."""
    ensure_partitions(ahead=2)


@shared_task
def refresh_popularity() -> None:
    """What `sort=popular` orders by."""
    popularity.refresh_popularity()


@shared_task
def sweep_images() -> None:
    """Files that no event refers to."""
    sweeping.sweep_images()


@shared_task
def refresh_event_stats() -> None:
    """The platform's figures by category and month."""
    refresh_view(EVENT_STATS)


@shared_task
def refresh_words() -> None:
    """What misspelt searches are corrected by."""
    words.refresh_words()
