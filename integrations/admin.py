"""The queues to and from the outside world on the staff's desk; read-only for now."""

from django.contrib import admin

from integrations.models import DeadLetter, OutboxMessage, UserProfile
from meetinity_events.admin import ReadOnlyAdmin


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """Newest first; one without either time waits for the relay."""

    list_display = ("id", "message_type", "key", "created_at", "published_at", "parked_at", "error")
    list_filter = ("message_type",)
    search_fields = ("key",)
    ordering = ("-id",)


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Newest first; the bytes are not shown."""

    list_display = ("id", "topic", "partition", "offset", "message_type", "error", "created_at", "resolution")
    list_filter = ("topic", "resolution")
    ordering = ("-id",)
    exclude = ("key", "value")


@admin.register(UserProfile)
class UserProfileAdmin(ReadOnlyAdmin):
    """By the newest message."""

    list_display = ("user_id", "location", "industry", "profile_at", "removed_at")
    search_fields = ("user_id",)
    ordering = ("-profile_at",)
