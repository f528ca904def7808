"""The registrations on the staff's desk: read-only."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.status import EventStatus
from meetinity_events.admin import ConditionFilter, ReadOnlyAdmin, read_user_id, show_user
from registrations.models import Registration


class EventStatusFilter(ConditionFilter):
    """The state of the event, beside that of the registration."""

    title = "event's state"
    parameter_name = "event_status"
    conditions: ClassVar = {status.value: Q(event__status=status) for status in EventStatus}


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    """Newest first: a UUIDv7 sorts by its time."""

    list_display = ("user", "event_title", "event_status", "status", "registered_at")
    list_filter = ("status", EventStatusFilter, "registered_at")
    list_select_related = ("event",)
    list_defer = ("registration_data", "event__description")
    search_fields = ("event__title",)
    search_help_text = "A user's whole id (number or UUID), the whole id of an event, or a part of an event's title"
    ordering = ("-id",)
    sortable_by = ()
    fields = ("id", "user", "event", "status", "registration_data", "registered_at", "updated_at")
    readonly_fields = ("id", "user", "registered_at", "updated_at")

    @admin.display(description="user")
    def user(self, registration: Registration) -> str:
        """As the platform names them."""
        return show_user(registration.user_id)

    @admin.display(description="event")
    def event_title(self, registration: Registration) -> SafeString:
        """With the way to its page."""
        address = reverse("admin:events_event_change", args=[registration.event_id])
        return format_html('<a href="{}">{}</a>', address, registration.event)

    @admin.display(description="event's state")
    def event_status(self, registration: Registration) -> str:
        """Of the event."""
        return EventStatus(registration.event.status).label

    def find_whole(self, term: str) -> Q | None:
        """By user, event or its own id."""
        whole = read_user_id(term)
        return None if whole is None else Q(user_id=whole) | Q(event_id=whole) | Q(pk=whole)
