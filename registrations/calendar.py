"""What stands on a calendar: one event, or all that a user takes part in or organises."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Coalesce
from django.utils import timezone

from events.models import Event
from events.status import PUBLIC
from integrations.users.profiles import is_removed
from meetinity_events.api.principal import Principal
from registrations.errors import CalendarFeedNotFound
from registrations.feed_tokens import read_token
from registrations.ics import Entry, Subscription, write_calendar
from registrations.models import CalendarFeed, Registration, RegistrationStatus
from registrations.querysets import HOLDING_A_SEAT

PAST = timedelta(days=90)
MAX_ENTRIES = 500
FEED = Subscription("Meetinity", refresh=timedelta(hours=1))
# Long texts that no calendar shows.
UNREAD = ("registration_form", "image_url")


def event_calendar(*, event_id: UUID, caller: Principal) -> tuple[Event, bytes]:
    """The event and its calendar as this caller sees it. Raises EventNotFound. Two queries."""
    event = Event.objects.visible_to(caller.id, is_admin=caller.is_admin).find(event_id)
    registration = Registration.objects.of_user(caller.id).filter(event_id=event_id).only("status").first()
    entry = Entry(event) if registration is None else entry_of(event, registration.status)
    if caller.may_act_for(event.created_by):
        entry = Entry(event, is_waiting=entry.is_waiting, shows_link=True)
    return event, write_calendar([entry], timezone.now())


def feed_calendar(*, token: str) -> bytes:
    """The calendar behind a feed's address: what is to come and what ended in the last 90 days, at most 500 events.

    Raises CalendarFeedNotFound for a token that is forged or was given up, and for a user who was removed. Four
    queries, however many events; none for a token that this service did not sign.
    """
    feed = CalendarFeed.objects.filter(serial=read_token(token)).first()
    if feed is None or is_removed(feed.user_id):
        raise CalendarFeedNotFound
    now = timezone.now()
    entries = entries_of(feed.user_id, now - PAST)
    return write_calendar(entries, now, FEED)


def entries_of(user_id: UUID, since: datetime) -> list[Entry]:
    """By start; beyond MAX_ENTRIES the oldest are left out."""
    entries = {entry.event.pk: entry for entry in attended(user_id, since)}
    entries |= {event.pk: Entry(event, shows_link=True) for event in organised(user_id, since)}
    by_start = sorted(entries.values(), key=lambda entry: (entry.event.start_date, entry.event.pk))
    return by_start[-MAX_ENTRIES:]


def attended(user_id: UUID, since: datetime) -> list[Entry]:
    """With a seat, or waiting for one."""
    registrations = (
        Registration.objects.of_user(user_id)
        .on_the_calendar()
        .annotate(ends=Coalesce("event__end_date", "event__start_date"))
        .filter(ends__gte=since)
        .select_related("event")
        .defer("registration_data", *(f"event__{name}" for name in UNREAD))
        .order_by("-event__start_date", "-event_id")[:MAX_ENTRIES]
    )
    return [entry_of(registration.event, registration.status) for registration in registrations]


def organised(user_id: UUID, since: datetime) -> list[Event]:
    """Published by the user."""
    own = Event.objects.filter(created_by=user_id, status__in=PUBLIC)
    recent = own.annotate(ends=Coalesce("end_date", "start_date")).filter(ends__gte=since)
    return list(recent.defer(*UNREAD).order_by("-start_date", "-pk")[:MAX_ENTRIES])


def entry_of(event: Event, status: str) -> Entry:
    """An event beside the person's registration; the virtual link is for those with a seat."""
    return Entry(event, is_waiting=status == RegistrationStatus.WAITLISTED, shows_link=status in HOLDING_A_SEAT)
