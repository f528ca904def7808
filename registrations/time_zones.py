"""A time zone as RFC 5545 describes it to calendars that do not know its name: VTIMEZONE.

Our own because the generator of icalendar 7.3 lets daylight saving time begin an hour late, writes dates where a rule
is meant, which Outlook does not read, and misses periods shorter than 64 days, such as Morocco's in some years.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

YEARS_AHEAD = 10
"""How far the description of a zone goes: nobody knows the rules of later years."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEK, SECOND = timedelta(weeks=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A zone's clocks are set from one offset to another. `onset` is what they showed then, by the old offset."""

    onset: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str


@lru_cache(maxsize=512)
def describe_zone(name: str, first_year: int) -> Timezone:
    """The VTIMEZONE of an IANA zone, right from the beginning of `first_year` for YEARS_AHEAD years at least.

    It reaches a year further back, so that the state at the beginning of `first_year` follows from a change.
    """
    zone = ZoneInfo(name)
    start, end = datetime(first_year - 1, 1, 1, tzinfo=UTC), datetime(first_year + YEARS_AHEAD + 1, 1, 1, tzinfo=UTC)
    changes = list(find_changes(zone, start, end))
    described = Timezone()
    described.add("TZID", name)
    if not changes or changes[0].onset.year >= first_year:
        described.add_component(first_observance(zone, start))
    onsets: dict[tuple[timedelta, timedelta, str], list[datetime]] = defaultdict(list)
    for change in changes:
        onsets[change.offset_from, change.offset_to, change.name].append(change.onset)
    for (offset_from, offset_to, observed), times in onsets.items():
        rule = yearly_rule(times, years=end.year - start.year)
        described.add_component(describe_observance(offset_from, offset_to, observed, times, rule))
    return described


def find_changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Change]:
    """Every change between two instants, in order, to the second; no zone changes there and back within a week."""
    clock = clock_at(zone, start)
    while start < end:
        ahead = start + WEEK
        if clock_at(zone, ahead) != clock:
            ahead = find_change(zone, start, ahead)
            (offset, _), clock = clock, clock_at(zone, ahead)
            yield Change((ahead + offset).replace(tzinfo=None), offset, *clock)
        start = ahead


def find_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of another clock than that of `before`, by halves."""
    old = clock_at(zone, before)
    while after - before > SECOND:
        middle = (before + (after - before) // 2).replace(microsecond=0)
        before, after = (middle, after) if clock_at(zone, middle) == old else (before, middle)
    return after


def clock_at(zone: ZoneInfo, instant: datetime) -> tuple[timedelta, str]:
    """Offset from UTC and its name."""
    local = instant.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or zone.key


def yearly_rule(onsets: Sequence[datetime], *, years: int) -> dict[str, str | int] | None:
    """The recurrence behind `onsets`: the same weekday of a month, counted from its start or end, in every year.

    None when there is no such rule.
    """
    first = onsets[0]
    alike = {(onset.month, onset.weekday(), onset.time()) for onset in onsets}
    if len(alike) > 1 or [onset.year for onset in onsets] != list(range(first.year, first.year + years)):
        return None
    weekday = WEEKDAYS[first.weekday()]
    weeks = {(onset.day - 1) // 7 + 1 for onset in onsets}
    if all(onset.day + 7 > monthrange(onset.year, onset.month)[1] for onset in onsets):
        return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"-1{weekday}"}
    return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"{weeks.pop()}{weekday}"} if len(weeks) == 1 else None


def first_observance(zone: ZoneInfo, start: datetime) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `start` on where no change tells it."""
    offset, name = clock_at(zone, start)
    return describe_observance(offset, offset, name, [(start + offset).replace(tzinfo=None)], None)


def describe_observance(
    offset_from: timedelta,
    offset_to: timedelta,
    name: str,
    onsets: Sequence[datetime],
    rule: dict[str, str | int] | None,
) -> TimezoneStandard | TimezoneDaylight:
    """DAYLIGHT when the clocks are set forward, STANDARD otherwise; by a rule, or on these dates."""
    observance = TimezoneDaylight() if offset_to > offset_from else TimezoneStandard()
    observance.add("DTSTART", onsets[0])
    observance.add("TZOFFSETFROM", offset_from)
    observance.add("TZOFFSETTO", offset_to)
    observance.add("TZNAME", name)
    if rule is not None:
        observance.add("RRULE", rule)
    elif onsets[1:]:
        observance.add("RDATE", list(onsets[1:]))
    return observance
