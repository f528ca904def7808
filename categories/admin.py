"""The categories on the staff's desk: read-only."""

from django.contrib import admin

from categories.models import Category
from meetinity_events.admin import ReadOnlyAdmin


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    """All categories by name."""

    list_display = ("name", "description", "color", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    readonly_fields = ("id", "created_at")
