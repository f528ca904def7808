"""The events on the staff's desk; read-only for now."""

from django.contrib import admin

from events.models import Event
from meetinity_events.admin import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Newest first: a UUIDv7 sorts by its time."""

    list_display = ("title", "status", "category", "start_date", "current_attendees", "max_attendees", "created_by")
    list_filter = ("status", "is_virtual", "category_ref")
    search_fields = ("title", "location")
    date_hierarchy = "start_date"
    ordering = ("-id",)
