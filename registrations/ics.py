"""Events as an iCalendar object: RFC 5545, and RFC 7986 for what calendars want to know since.

No ORGANIZER: it has to be a calendar address, usually one for mail, and this service knows no such address of anybody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from icalendar import Calendar, vDuration, vUri
from icalendar import Event as CalendarEvent

from events.models import Event
from events.status import PUBLIC, EventStatus
from registrations.time_zones import YEARS_AHEAD, describe_zone

PRODUCT = "-//Meetinity//Event Service//EN"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event on somebody's calendar: whether they wait for a seat, and whether they may know the virtual link."""

    event: Event
    is_waiting: bool = False
    shows_link: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a feed says of itself; calendars ask again after `refresh`."""

    name: str
    refresh: timedelta


def write_calendar(entries: Sequence[Entry], now: datetime, subscription: Subscription | None = None) -> bytes:
    """The calendar in UTF-8. An event's UID is the same in every calendar and for ever; its SEQUENCE counts edits."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    if subscription is not None:
        describe_subscription(calendar, subscription)
    first_year = min((entry.event.start_date.year for entry in entries), default=now.year) - 1  # on any clock
    years = range(first_year, min(first_year, now.year) + YEARS_AHEAD + 1)
    described = [describe_event(entry, now, years) for entry in entries]
    for name in sorted({event["DTSTART"].params.get("TZID", "") for event in described} - {""}):
        calendar.add_component(describe_zone(name, first_year))
    for event in described:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def describe_subscription(calendar: Calendar, subscription: Subscription) -> None:
    """The name and the interval, each under the standard's property and under the older one that clients read."""
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, subscription.name)
    calendar.add("REFRESH-INTERVAL", subscription.refresh, {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(subscription.refresh))


def describe_event(entry: Entry, now: datetime, years: range) -> CalendarEvent:
    """One VEVENT. Without an end it is a moment, which the standard allows: nobody said how long it takes."""
    event = entry.event
    described = CalendarEvent()
    described.add("UID", f"{event.id}@meetinity")
    described.add("SEQUENCE", event.version - 1)
    described.add("DTSTAMP", now)
    described.add("CREATED", event.created_at)
    described.add("LAST-MODIFIED", event.updated_at)
    for name, instant in zip(("DTSTART", "DTEND"), on_its_clock(event, years), strict=False):
        described.add(name, instant)
    described.add("SUMMARY", one_line_ends(event.title))
    described.add("STATUS", state_of(entry))
    described.add("URL", vUri(f"{settings.API_GATEWAY_URL}/api/events/{event.id}"))
    add_what_is_known(described, entry)
    return described


def add_what_is_known(described: CalendarEvent, entry: Entry) -> None:
    """The properties of what an event may lack."""
    event = entry.event
    link = event.virtual_link if entry.shows_link else None
    place = event.location or link
    if event.description:
        described.add("DESCRIPTION", one_line_ends(event.description))
    if place:
        described.add("LOCATION", one_line_ends(place))
    if event.latitude is not None and event.longitude is not None:
        described.add("GEO", (float(event.latitude), float(event.longitude)))
    words = [one_line_ends(word) for word in (event.category, *event.tags) if word]
    if words:
        described.add("CATEGORIES", words)
    if link:
        described.add("CONFERENCE", vUri(link), {"VALUE": "URI"})


def state_of(entry: Entry) -> str:
    """TENTATIVE while the person waits for a seat, or the event for its publication."""
    if entry.event.status == EventStatus.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if entry.is_waiting or entry.event.status not in PUBLIC else "CONFIRMED"


def on_its_clock(event: Event, years: range) -> list[datetime]:
    """Start, and end where there is one, as the clocks in the event's zone show them.

    In UTC when a clock shows the same twice that night, which would mean the earlier; and outside of `years`, those
    whose rules are known and will be described.
    """
    instants = [instant for instant in (event.start_date, event.end_date) if instant is not None]
    try:
        local = [instant.astimezone(ZoneInfo(event.timezone)) for instant in instants]
    except (ZoneInfoNotFoundError, ValueError):  # a name that the zone database has dropped
        return instants
    is_clear = all(not time.fold and time.year in years for time in local)
    return local if is_clear else instants


def one_line_ends(text: str) -> str:
    """The text without control characters, its lines divided by a line feed.

    Some reader or other takes each of the line ends that Unicode knows for the end of a property.
    """
    return CONTROL.sub("", "\n".join(text.splitlines()))
