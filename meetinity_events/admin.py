"""What every admin page shares."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's class takes no type argument while the service runs
    ModelAdmin = admin.ModelAdmin

admin.site.site_header = admin.site.site_title = "Meetinity events"
admin.site.index_title = "The staff's desk"


class ReadOnlyAdmin(ModelAdmin):
    """Shows and never writes, so that nothing goes around a service."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
