"""The registrations on the staff's desk; read-only for now."""

from django.contrib import admin

from meetinity_events.admin import ReadOnlyAdmin
from registrations.models import Registration


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    """Newest first."""

    list_display = ("user_id", "event", "status", "registered_at")
    list_filter = ("status",)
    list_select_related = ("event",)
    search_fields = ("user_id", "event__title")
    ordering = ("-id",)
