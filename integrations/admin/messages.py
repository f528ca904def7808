"""What the pages of messages show alike, whichever way they go."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.timesince import timesince

from integrations.models import DeadLetter, OutboxMessage
from meetinity_events.admin import ConditionFilter, ModelAdmin, ReadOnlyAdmin

ERROR_CHARACTERS_LISTED = 80
ROWS_LOOKED_AT = 10_000


def older_than(**age: int) -> Q:
    """Made that long ago or earlier."""
    return Q(created_at__lte=Now() - timedelta(**age))


class AgeFilter(ConditionFilter):
    """How long a row has been here."""

    title = "age"
    parameter_name = "age"
    conditions: ClassVar = {
        "up to an hour": ~older_than(hours=1),
        "up to a day": ~older_than(days=1),
        "over an hour": older_than(hours=1),
        "over a day": older_than(days=1),
    }


class RecentValuesFilter(admin.SimpleListFilter):
    """The values of the column `parameter_name` among the newest rows; the search finds an older one by its whole."""

    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Reads the newest 10,000 ids and not the table."""
        rows = model_admin.get_queryset(request)
        newest: int = rows.aggregate(newest=Max("id"))["newest"] or 0
        recent = rows.filter(id__gt=newest - ROWS_LOOKED_AT).order_by(self.parameter_name)
        values = recent.values_list(self.parameter_name, flat=True).distinct()
        return [(value, value or "(unreadable)") for value in values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the chosen value."""
        return queryset if self.value() is None else queryset.filter(**{str(self.parameter_name): self.value()})


class MessageTypeFilter(RecentValuesFilter):
    """What a message says."""

    title = "message type"
    parameter_name = "message_type"


class MessageAdmin(ReadOnlyAdmin):
    """What messages of both directions show alike; newest first."""

    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description="age")
    def age(self, message: OutboxMessage | DeadLetter) -> str:
        """How long it has been here."""
        return timesince(message.created_at, depth=1)

    @admin.display(description="error")
    def short_error(self, message: OutboxMessage | DeadLetter) -> str:
        """Its beginning."""
        return Truncator(message.error).chars(ERROR_CHARACTERS_LISTED)
