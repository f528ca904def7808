"""What beat starts for the registrations."""

from celery import shared_task

from registrations.services import remove_user


@shared_task
def finish_removals() -> None:
    """Catch what slipped past a removal of the last day."""
    remove_user.finish_removals()
