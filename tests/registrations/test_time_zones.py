"""A described zone says what the zone database says, by the standard's own rules, for every zone there is."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar, Timezone

from registrations.time_zones import YEARS_AHEAD, describe_zone

FIRST_YEAR = 2025
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
DIFFICULT = (
    "America/New_York",
    "Europe/Paris",
    "Asia/Kolkata",
    "Europe/Dublin",  # its summer time is the standard time
    "Africa/Casablanca",  # a month of the lunar year, on no weekday of a month
    "Australia/Lord_Howe",  # half an hour
    "Asia/Jerusalem",  # the Friday before a Sunday
    "America/Santiago",  # the Sunday after the first
    "Pacific/Chatham",
    "Asia/Beirut",
    "Antarctica/Troll",  # two hours
    "America/Nuuk",
    "Etc/GMT+12",
)


def onsets_in(zone: Timezone, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """Each instant from which the description lets an offset hold: local times count by the offset before (3.6.5)."""
    for observance in zone.subcomponents:
        first = observance["DTSTART"].dt
        times = [first]
        if "RRULE" in observance:
            rule = rrulestr(observance["RRULE"].to_ical().decode(), dtstart=first)
            times = list(rule.between(first, end.replace(tzinfo=None), inc=True))
        elif "RDATE" in observance:
            times += [date.dt for date in observance["RDATE"].dts]
        for time in times:
            yield (time - observance["TZOFFSETFROM"].td).replace(tzinfo=UTC), observance["TZOFFSETTO"].td


def mistakes(zone: Timezone, name: str, *, first_year: int = FIRST_YEAR, step: timedelta = DAY) -> set[datetime]:
    """The instants of the described years at which the description and the zone database differ.

    Looks at every `step`, and at the seconds and the hour around each change: the shortest time between
    two changes is a month, so that none is passed over, and one that comes a second early or late is seen at its edge.
    """
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first_year, first_year + YEARS_AHEAD + 1))
    onsets = sorted(onsets_in(zone, end))
    times = [at for at, _ in onsets]
    moments = {start + n * step for n in range((end - start) // step)}
    moments |= {
        at + edge for at in times for edge in (-SECOND, timedelta(0), HOUR - SECOND) if start <= at + edge < end
    }
    expected = ZoneInfo(name)
    return {at for at in moments if at.astimezone(expected).utcoffset() != onsets[bisect_right(times, at) - 1][1]}


def reread(zone: Timezone) -> Timezone:
    """As somebody else parses it."""
    calendar = Calendar()
    calendar.add_component(zone)
    return Calendar.from_ical(calendar.to_ical()).walk("VTIMEZONE")[0]


@pytest.mark.parametrize("name", DIFFICULT)
def test_every_day_of_the_years_ahead_is_right(name: str) -> None:
    assert mistakes(reread(describe_zone(name, FIRST_YEAR)), name) == set()


def test_every_zone_is_right_at_each_of_its_changes() -> None:
    names = sorted(available_timezones())

    wrong = {name: mistakes(describe_zone(name, FIRST_YEAR), name, step=10 * DAY) for name in names}

    assert {name: moments for name, moments in wrong.items() if moments} == {}


@pytest.mark.parametrize("name", ["Africa/Cairo", "Europe/Istanbul", "America/Sao_Paulo", "Africa/Casablanca"])
def test_years_in_which_the_rules_themselves_changed_are_right(name: str) -> None:
    assert mistakes(describe_zone(name, 2010), name, first_year=2010) == set()


def test_the_comparison_notices_an_hour() -> None:
    """The control: a summer that begins at 3 o'clock of winter time."""
    zone = reread(describe_zone("Europe/Paris", FIRST_YEAR))
    (summer,) = (part for part in zone.subcomponents if part.name == "DAYLIGHT")
    summer.DTSTART = summer.DTSTART + HOUR

    wrong = mistakes(zone, "Europe/Paris")
    assert {moment.year for moment in wrong} == set(range(FIRST_YEAR, FIRST_YEAR + YEARS_AHEAD + 1))
    assert {(moment.month, moment.hour) for moment in wrong} == {(3, 1)}


def test_a_regular_zone_is_two_rules_which_every_calendar_reads() -> None:
    parts = describe_zone("America/New_York", FIRST_YEAR).subcomponents

    assert [(part.name, part["RRULE"].to_ical().decode()) for part in parts] == [
        ("DAYLIGHT", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
        ("STANDARD", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
    ]
