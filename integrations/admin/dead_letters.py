"""The dead letters: what nobody could use, and staff's decision to replay or discard it."""

from typing import ClassVar

from django.contrib import admin
from django.db import DatabaseError, transaction
from django.db.models import BinaryField, Q, QuerySet
from django.db.models.functions import Length, Substr
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from integrations.admin.messages import AgeFilter, MessageAdmin, MessageTypeFilter, RecentValuesFilter
from integrations.admin.readable import BYTES_SHOWN, show_bytes, show_headers
from integrations.kafka.dead_letters import discard, replay
from integrations.models import DeadLetter, Resolution
from meetinity_events.admin import ConditionFilter
from meetinity_events.errors import DomainError


class TopicFilter(RecentValuesFilter):
    """Where a message came from."""

    title = "topic"
    parameter_name = "topic"


class DeadLetterStateFilter(ConditionFilter):
    """Whether staff have decided."""

    title = "state"
    parameter_name = "state"
    conditions: ClassVar = {
        "open": Q(resolved_at__isnull=True),
        "resolved": Q(resolved_at__isnull=False),
        "replayed": Q(resolution=Resolution.REPLAYED),
        "discarded": Q(resolution=Resolution.DISCARDED),
    }


@admin.register(DeadLetter)
class DeadLetterAdmin(MessageAdmin):
    """What nobody could use. Its bytes stay in the database; its page reads their beginning."""

    list_display = ("id", "place", "message_type", "state", "age", "short_error")
    list_filter = (DeadLetterStateFilter, AgeFilter, TopicFilter, MessageTypeFilter)
    list_defer = ("value", "key", "headers")
    search_fields = ("topic__exact", "message_type__exact", "error")
    search_help_text = "A whole topic or message type, or a part of the error"
    actions = ("replay_letters", "discard_letters")
    # What handlers raise for a payload that they cannot use.
    refusals = (DomainError, ValueError, TypeError, LookupError, DatabaseError)
    fieldsets = (
        (None, {"fields": ("id", "place", "topic_id", "message_type")}),
        ("What happened", {"fields": ("state", "error", "created_at", "resolved_at")}),
        ("Content", {"fields": ("content", "decoded_headers")}),
    )
    readonly_fields = ("id", "place", "state", "content", "decoded_headers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeadLetter]:
        """Without the bytes, on every page."""
        return super().get_queryset(request).defer("key", "value")

    @admin.display(description="place")
    def place(self, letter: DeadLetter) -> str:
        """Topic, partition and offset."""
        return str(letter)

    @admin.display(description="state")
    def state(self, letter: DeadLetter) -> str:
        """What staff have decided."""
        return Resolution(letter.resolution).label

    @admin.display(description="key and value")
    def content(self, letter: DeadLetter) -> SafeString:
        """Their first 16 KiB, cut by the database."""
        columns = [part for name in ("key", "value") for part in (head_of(name), Length(name))]
        key, key_bytes, value, value_bytes = DeadLetter.objects.filter(pk=letter.pk).values_list(*columns).get()
        return format_html("{}{}", show_bytes("Key", key, key_bytes), show_bytes("Value", value, value_bytes))

    @admin.display(description="headers")
    def decoded_headers(self, letter: DeadLetter) -> SafeString:
        """One a line."""
        return show_headers(letter.headers)

    @admin.action(description="Replay: give to the handlers again", permissions=["act"])
    def replay_letters(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Handlers own their transactions, so the log is written after them."""

        def replay_one(letter: DeadLetter) -> str:
            replay(letter.pk)
            self.log_change(request, letter, "Replayed.")
            return "replayed."

        self.act_on_each(request, self.find_ticked(request), replay_one)

    @admin.action(description="Discard: give up for good", permissions=["act"])
    def discard_letters(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """The bytes stay."""

        def discard_one(letter: DeadLetter) -> str:
            with transaction.atomic():
                discard(letter.pk)
                self.log_change(request, letter, "Discarded.")
            return "discarded."

        self.act_on_each(request, self.find_ticked(request), discard_one)


def head_of(column: str) -> Substr:
    """The beginning of a column of bytes."""
    return Substr(column, 1, BYTES_SHOWN, output_field=BinaryField())
