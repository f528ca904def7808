"""The outbox: what was promised to Kafka and other services, and the parked messages that staff send again."""

import json
from typing import ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from integrations.admin.messages import AgeFilter, MessageAdmin, MessageTypeFilter
from integrations.admin.readable import preformatted
from integrations.models import Destination, OutboxMessage
from integrations.models.outbox_message import waiting_for
from integrations.outbox.park import unpark_message
from meetinity_events.admin import ConditionFilter

MAX_DIGITS = 19
ON_ITS_WAY = ("state", "attempts", "retry_at", "error", "created_at", "published_at", "parked_at")

# Asked for each destination by itself, because a partial index answers no wider question.
PENDING = [OutboxMessage.objects.filter(waiting_for(destination)).values("pk") for destination in Destination]


class OutboxStateFilter(ConditionFilter):
    """What the relay has made of a message."""

    title = "state"
    parameter_name = "state"
    conditions: ClassVar = {
        "pending": Q(pk__in=PENDING[0].union(*PENDING[1:], all=True)),
        "published": Q(published_at__isnull=False),
        "parked": Q(parked_at__isnull=False),
    }


class DestinationFilter(ConditionFilter):
    """Who is told."""

    title = "destination"
    parameter_name = "destination"
    conditions: ClassVar = {destination.value: Q(destination=destination) for destination in Destination}


@admin.register(OutboxMessage)
class OutboxMessageAdmin(MessageAdmin):
    """What was promised to Kafka and other services, and what the relay has made of it."""

    list_display = ("id", "message_type", "key", "destination", "state", "age", "short_error")
    list_filter = (OutboxStateFilter, DestinationFilter, AgeFilter, MessageTypeFilter)
    list_defer = ("payload", "headers")
    search_fields = ("key__exact", "message_type__exact")
    search_help_text = "A number, or a whole key or message type"
    actions = ("send_again",)
    fieldsets = (
        (None, {"fields": ("id", "message_type", "destination", "topic", "key")}),
        ("On its way", {"fields": ON_ITS_WAY}),
        ("Content", {"fields": ("pretty_payload", "pretty_headers")}),
    )
    readonly_fields = ("id", "state", "pretty_payload", "pretty_headers")

    @admin.display(description="state")
    def state(self, message: OutboxMessage) -> str:
        """What the relay has made of it."""
        if message.parked_at:
            return "Parked"
        return "Published" if message.published_at else "Pending"

    @admin.display(description="payload")
    def pretty_payload(self, message: OutboxMessage) -> SafeString:
        """One key a line."""
        return preformatted(json.dumps(message.payload, indent=2, ensure_ascii=False))

    @admin.display(description="headers")
    def pretty_headers(self, message: OutboxMessage) -> SafeString:
        """One a line."""
        return preformatted("\n".join(f"{name}: {value}" for name, value in message.headers.items()))

    def find_whole(self, term: str) -> Q | None:
        """By its number."""
        return Q(pk=int(term)) if term.isascii() and term.isdigit() and len(term) < MAX_DIGITS else None

    @admin.action(description="Send parked messages again", permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        """Let the relay try once more."""

        def send_one(message: OutboxMessage) -> str:
            with transaction.atomic():
                unpark_message(message.pk)
                self.log_change(request, message, f"Sent again. It was parked for: {message.error}")
            return "waits for the relay again."

        self.act_on_each(request, self.find_ticked(request), send_one)
