"""The queues to and from the outside world, and the users, on the staff's desk: one page a file."""

from integrations.admin.dead_letters import DeadLetterAdmin
from integrations.admin.outbox import OutboxMessageAdmin
from integrations.admin.profiles import UserProfileAdmin

__all__ = ["DeadLetterAdmin", "OutboxMessageAdmin", "UserProfileAdmin"]
