"""Calendars as two other programs read them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import vobject
from icalendar import Calendar
from rest_framework.response import Response

from events.models import Event


@dataclass(frozen=True)
class Read:
    """What both programs found in one VEVENT."""

    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime | None


def parse(response: Response) -> Calendar:
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(response.content)


def components(response: Response) -> dict[UUID, Any]:
    """The VEVENTs by the event's id, as icalendar reads them."""
    return {UUID(event["UID"].partition("@")[0]): event for event in parse(response).walk("VEVENT")}


def component(response: Response, event: Event) -> Any:
    found = components(response)
    assert list(found) == [event.id]
    return found[event.id]


def read_by_both(response: Response) -> list[Read]:
    """Each VEVENT, which icalendar and vobject have to understand alike."""
    theirs = [read_icalendar(event) for event in parse(response).walk("VEVENT")]
    calendar = vobject.readOne(response.content.decode())
    assert [read_vobject(event) for event in calendar.contents.get("vevent", ())] == theirs
    return theirs


def read_icalendar(event: Any) -> Read:
    end = event["DTEND"].dt.astimezone(UTC) if "DTEND" in event else None
    return Read(event["UID"], event["SEQUENCE"], event["STATUS"], event["DTSTART"].dt.astimezone(UTC), end)


def read_vobject(event: Any) -> Read:
    end = event.dtend.value.astimezone(UTC) if hasattr(event, "dtend") else None
    start = event.dtstart.value.astimezone(UTC)
    return Read(event.uid.value, int(event.sequence.value), event.status.value, start, end)
