"""What this app keeps: one table a file."""

from integrations.models.consumed_partition import ConsumedPartition
from integrations.models.dead_letter import DeadLetter, Resolution
from integrations.models.inbox_message import InboxMessage
from integrations.models.outbox_message import Destination, OutboxMessage
from integrations.models.replayed_request import ReplayedRequest
from integrations.models.user_profile import UserProfile

__all__ = [
    "ConsumedPartition",
    "DeadLetter",
    "Destination",
    "InboxMessage",
    "OutboxMessage",
    "ReplayedRequest",
    "Resolution",
    "UserProfile",
]
