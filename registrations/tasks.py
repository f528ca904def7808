"""What beat starts for the registrations."""

from celery import shared_task

from events.statistics import refresh_view
from registrations.services import close_attendance as closing
from registrations.services import complete_past_events as completing
from registrations.services import reconcile_seats as reconciling
from registrations.services import remove_user
from registrations.statistics import REGISTRATION_STATS
from registrations.trending import EVENT_TRENDS


@shared_task
def finish_removals() -> None:
    """Catch what slipped past a removal of the last day."""
    remove_user.finish_removals()


@shared_task
def complete_past_events() -> None:
    """What is over says so."""
    completing.complete_past_events()


@shared_task
def close_attendance() -> None:
    """Who has not come by now did not."""
    closing.close_attendance()


@shared_task
def check_seats() -> None:
    """The counters against the registrations, every night; correcting is for people, who first look for the cause."""
    reconciling.reconcile_seats()


@shared_task
def refresh_registration_stats() -> None:
    """Registrations and attendance of all events by day."""
    refresh_view(REGISTRATION_STATS)


@shared_task
def refresh_event_trends() -> None:
    """What people register for just now."""
    refresh_view(EVENT_TRENDS)
