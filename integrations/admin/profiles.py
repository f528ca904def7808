"""What user-service has told about its users."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q

from integrations.models import UserProfile
from meetinity_events.admin import ConditionFilter, ReadOnlyAdmin, read_user_id, show_user


class RemovedFilter(ConditionFilter):
    """Whether the platform has deleted the account."""

    title = "account"
    parameter_name = "account"
    conditions: ClassVar = {"present": Q(removed_at__isnull=True), "removed": Q(removed_at__isnull=False)}


@admin.register(UserProfile)
class UserProfileAdmin(ReadOnlyAdmin):
    """By the newest message."""

    list_display = ("user", "account", "location", "industry", "profile_at", "removed_at")
    list_filter = (RemovedFilter,)
    search_fields = ("location", "industry")
    search_help_text = "A user's whole id (number or UUID), or a part of the location or industry"
    ordering = ("-profile_at",)
    fields = ("user", "user_id", "account", "location", "industry", "interests", "profile_at", "removed_at")
    readonly_fields = ("user", "account")

    @admin.display(description="user")
    def user(self, profile: UserProfile) -> str:
        """As the platform names them."""
        return show_user(profile.user_id)

    @admin.display(description="account")
    def account(self, profile: UserProfile) -> str:
        """Whether the platform has deleted it."""
        return "Removed" if profile.removed_at else "Present"

    def find_whole(self, term: str) -> Q | None:
        """By the user."""
        user_id = read_user_id(term)
        return None if user_id is None else Q(pk=user_id)
