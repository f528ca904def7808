"""The states of an event and the transitions between them.

The use cases live in the highest app that they touch: cancelling ends registrations, so it is
`registrations.services.cancel_event`.
"""

from django.db import models

from events.errors import IllegalTransition


class EventStatus(models.TextChoices):
    """active, cancelled and completed are the platform's; the others belong to drafting and moderation."""

    DRAFT = "draft", "Draft"
    PENDING = "pending", "Pending approval"
    ACTIVE = "active", "Active"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    COMPLETED = "completed", "Completed"
    ARCHIVED = "archived", "Archived"


PUBLIC = (EventStatus.ACTIVE, EventStatus.CANCELLED, EventStatus.COMPLETED)
OPEN = (EventStatus.DRAFT, EventStatus.PENDING, EventStatus.ACTIVE)

TRANSITIONS: dict[EventStatus, tuple[EventStatus, ...]] = {
    EventStatus.ACTIVE: (EventStatus.DRAFT,),
    EventStatus.CANCELLED: OPEN,
    EventStatus.COMPLETED: (EventStatus.ACTIVE,),
}
"""A state and those from which an event may enter it."""


def require_transition(current: str, target: EventStatus) -> None:
    """Raises IllegalTransition when an event may not go from `current` to `target`."""
    if current not in TRANSITIONS[target]:
        raise IllegalTransition(f"An event that is {current} cannot become {target}.")


def require_editable(current: str) -> None:
    """Raises IllegalTransition for an event that is over: its record stays as attendees saw it."""
    if current not in OPEN:
        raise IllegalTransition(f"An event that is {current} cannot be changed.")
