"""The events on the staff's desk: what takes place, and the moves that moderators make."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.errors import StaleVersion
from events.images.names import PREFIX, THUMBNAIL, name_of, size_of
from events.models import Event
from events.services.publish_event import publish_event
from events.services.remove_image import remove_image
from meetinity_events.admin import ReadOnlyAdmin, principal_of, show_user
from meetinity_events.api.principal import Principal
from registrations.models import Registration, RegistrationStatus
from registrations.services.cancel_event import cancel_event
from registrations.services.complete_event import complete_event

Versions = Collection[int]
MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Move:
    """What a moderator does to an event: the service, and the words of its page and of the log."""

    action: str
    verb: str
    done: str
    effect: str
    is_reason_required: bool
    run: Callable[[UUID, Principal, Versions, str], Event]


PUBLISH = Move(
    action="publish_events",
    verb="Publish",
    done="Published",
    effect="Everybody sees these events and may register for them. It cannot be undone, only cancelled.",
    is_reason_required=False,
    run=lambda event_id, caller, versions, _: publish_event(event_id=event_id, caller=caller, versions=versions),
)
COMPLETE = Move(
    action="complete_events",
    verb="Complete",
    done="Completed",
    effect="These events are over and take no registrations any more. It cannot be undone.",
    is_reason_required=False,
    run=lambda event_id, caller, versions, _: complete_event(event_id=event_id, caller=caller, versions=versions),
)
REMOVE_IMAGE = Move(
    action="remove_images",
    verb="Remove the image of",
    done="Image removed",
    effect="These events lose their image, and its files are deleted. It cannot be undone.",
    is_reason_required=False,
    run=lambda event_id, caller, versions, _: remove_image(event_id=event_id, editor=caller, versions=versions),
)
CANCEL = Move(
    action="cancel_events",
    verb="Cancel",
    done="Cancelled",
    effect="These events will not take place, and every registration for them ends. It cannot be undone.",
    is_reason_required=True,
    run=lambda event_id, caller, versions, reason: cancel_event(
        event_id=event_id, caller=caller, reason=reason, versions=versions
    ),
)


class ReasonForm(forms.Form):
    """Why a move is made; as long as the API allows."""

    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3, "cols": 80}))

    def __init__(self, data: Mapping[str, Any] | None, move: Move) -> None:
        super().__init__(data)
        self.fields["reason"].required = move.is_reason_required
        self.fields["reason"].help_text = (
            "Sent with the message of the cancellation, and kept in the event's history."
            if move is CANCEL
            else "Optional; kept in the event's history."
        )


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Newest first: a UUIDv7 sorts by its time. A move refuses an event that is not as the moderator saw it."""

    list_display = ("title", "status", "seats", "category", "starts", "organiser")
    list_filter = ("status", "is_virtual", "category_ref")
    list_defer = ("description",)
    search_fields = ("title", "location")
    search_help_text = "A part of the title or location, or the whole id of an event or its organiser"
    date_hierarchy = "start_date"
    ordering = ("-id",)
    sortable_by = ("starts",)
    actions = (PUBLISH.action, COMPLETE.action, CANCEL.action, REMOVE_IMAGE.action)
    change_form_template = "admin/events/event/change_form.html"
    readonly_fields = ("id", "image", "organiser", "seats", "registered", "version", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "status", "description", "category_ref", "tags", "organiser")}),
        ("When and where", {"fields": ("start_date", "end_date", "timezone", "location", ("latitude", "longitude"))}),
        ("Online", {"fields": ("is_virtual", "virtual_link", "image")}),
        ("Seats and price", {"fields": ("seats", "registered", ("price", "currency"))}),
        ("Record", {"fields": ("id", "version", "created_at", "updated_at")}),
    )

    @admin.display(description="")
    def action_checkbox(self, event: Event) -> SafeString:
        """The box to tick, and beside it the version that the moderator sees."""
        return format_html("{}{}", super().action_checkbox(event), seen_input(event))

    @admin.display(description="seats")
    def seats(self, event: Event) -> str:
        """Taken and offered."""
        return f"{event.current_attendees} of {event.max_attendees or 'unlimited'}"

    @admin.display(description="start (UTC)", ordering="start_date")
    def starts(self, event: Event) -> str:
        """To the minute."""
        return event.start_date.strftime(MINUTE)

    @admin.display(description="organiser")
    def organiser(self, event: Event) -> str:
        """As the platform names them."""
        return show_user(event.created_by)

    @admin.display(description="image")
    def image(self, event: Event) -> SafeString | str:
        """The thumbnail of an upload, which leads to the largest size; a link of the organiser's own as text alone."""
        name = name_of(event.image_url)
        if name is None:
            return event.image_url or "none"
        return format_html(
            '<a href="{}"><img src="{}" alt="of the event"></a>', PREFIX + name, PREFIX + size_of(name, THUMBNAIL)
        )

    @admin.display(description="registrations")
    def registered(self, event: Event) -> SafeString:
        """How many of each state, and the way to their list."""
        counts = dict(Registration.objects.filter(event=event).values_list("status").annotate(Count("pk")))
        parts = [f"{counts[state]} {state.label.lower()}" for state in RegistrationStatus if state in counts]
        address = reverse("admin:registrations_registration_changelist", query={"event__id__exact": event.pk})
        return format_html('<a href="{}">{}</a>', address, ", ".join(parts) or "none")

    def find_whole(self, term: str) -> Q | None:
        """By its id or its organiser's; digits may be a part of a title."""
        try:
            return Q(pk=UUID(term)) | Q(created_by=UUID(term))
        except ValueError:
            return None

    @admin.action(description="Publish…", permissions=["act"])
    def publish_events(self, request: HttpRequest, queryset: QuerySet[Event]) -> TemplateResponse | None:
        """Open drafts to everybody."""
        return self.make(PUBLISH, request)

    @admin.action(description="Complete…", permissions=["act"])
    def complete_events(self, request: HttpRequest, queryset: QuerySet[Event]) -> TemplateResponse | None:
        """Declare events over."""
        return self.make(COMPLETE, request)

    @admin.action(description="Cancel…", permissions=["act"])
    def cancel_events(self, request: HttpRequest, queryset: QuerySet[Event]) -> TemplateResponse | None:
        """Cancel events and all their registrations."""
        return self.make(CANCEL, request)

    @admin.action(description="Remove the image…", permissions=["act"])
    def remove_images(self, request: HttpRequest, queryset: QuerySet[Event]) -> TemplateResponse | None:
        """Take an image away that should not be shown."""
        return self.make(REMOVE_IMAGE, request)

    def make(self, move: Move, request: HttpRequest) -> TemplateResponse | None:
        """Ask for the reason, then make the move: one event, one transaction, one result after the other."""
        seen, events = read_seen(request), self.find_ticked(request)
        is_confirmed = "confirmed" in request.POST
        form = ReasonForm(request.POST if is_confirmed else None, move)
        if not (is_confirmed and form.is_valid()):
            return self.ask(move, request, form, [event for event in events if self.is_as_seen(request, event, seen)])

        def make_one(event: Event) -> str:
            require_seen(event, seen)
            return self.make_one(move, request, event, form.cleaned_data["reason"])

        self.act_on_each(request, events, make_one)
        return None

    def make_one(self, move: Move, request: HttpRequest, event: Event, reason: str) -> str:
        """The move and its entry in the log stand or fall together. Raises what the service raises."""
        with transaction.atomic():
            moved = move.run(event.pk, principal_of(request), [event.version], reason)
            if moved.version == event.version:
                return (
                    "nothing to do, it has no image."
                    if move is REMOVE_IMAGE
                    else f"nothing to do, it is {moved.status}."
                )
            self.log_change(request, moved, f"{move.done}. Reason: {reason}" if reason else f"{move.done}.")
        return f"{move.done.lower()}."

    def is_as_seen(self, request: HttpRequest, event: Event, seen: Mapping[str, str]) -> bool:
        """False, and the moderator is told, when somebody has changed the event meanwhile."""
        try:
            require_seen(event, seen)
        except StaleVersion as refusal:
            self.refuse(request, event, refusal)
            return False
        return True

    def ask(
        self, move: Move, request: HttpRequest, form: ReasonForm, events: Collection[Event]
    ) -> TemplateResponse | None:
        """The page that names what a move affects; None where nothing is left to ask about."""
        if not events:
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": f"{move.verb} {len(events)} event{'s' if len(events) > 1 else ''}",
            "is_cancelling": move is CANCEL,
            "opts": self.opts,
            "move": move,
            "form": form,
            "rows": [(event, seen_input(event), self.seats(event), self.organiser(event)) for event in events],
            "seats_taken": sum(event.current_attendees for event in events),
        }
        return TemplateResponse(request, "admin/events/event/move.html", context)


def seen_input(event: Event) -> SafeString:
    """A hidden field that says which version a page shows."""
    return format_html('<input type="hidden" name="seen" value="{}:{}">', event.pk, event.version)


def read_seen(request: HttpRequest) -> dict[str, str]:
    """The versions that the page showed, by the event's id, both as text."""
    pairs = (value.partition(":") for value in request.POST.getlist("seen"))
    return {event_id: version for event_id, _, version in pairs}


def require_seen(event: Event, seen: Mapping[str, str]) -> None:
    """Raises StaleVersion unless the page showed this version; the service asks again behind the row's lock."""
    if seen.get(str(event.pk)) != str(event.version):
        raise StaleVersion
