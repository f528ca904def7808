"""Made-up events: the stories behind them, and their rows for COPY."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate, product
from random import Random

from events.status import EventStatus
from registrations.sample_data import places, topics
from registrations.sample_data.plan import DAY, Homes, Plan, choose
from registrations.sample_data.words import write_description, write_title

HOUR = 3600.0
EPOCH = date(1970, 1, 1).toordinal()
LOW_BITS = (1 << 62) - 1
COLUMNS = (
    "id, title, description, location, latitude, longitude, start_date, end_date, timezone, max_attendees,"
    " current_attendees, popularity, category, category_id, tags, is_virtual, virtual_link, price, currency, status,"
    " created_by, version, created_at, updated_at, attendance_closed_at"
)
CITY_WEIGHTS = tuple(accumulate(places.WEIGHTS))
TOPIC_WEIGHTS = tuple(accumulate(topics.WEIGHTS))
CAPACITIES = (8, 12, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 800, 1000, 2000, 5000, 10_000)
UNSEEN = (EventStatus.DRAFT, EventStatus.DRAFT, EventStatus.PENDING, EventStatus.REJECTED, EventStatus.ARCHIVED)
PRICES = ("5.00", "10.00", "15.00", "25.00", "49.00", "99.00", "250.00")


@dataclass(slots=True)
class Story:
    """What the rows of an event and of its guests agree on; times are seconds since 1970.

    Of its registrations `seats` hold a seat, `waiting` wait and `cancelled` gave it up. From `closed_at` on its guests
    are marked as come or not; `has_end` says whether the end was told.
    """

    id: str
    created_at: float
    starts_at: float
    ends_at: float
    has_end: bool
    closed_at: float | None
    status: EventStatus
    city: int
    topic: int
    category: str
    organiser: int
    seats: int
    waiting: int
    cancelled: int
    is_full: bool


def make_id(random: Random, at: float) -> str:
    """A UUIDv7 of this time, so that an event lies in the partition of its year; without hyphens: they cost most."""
    tail = random.getrandbits(74)
    head = int(at * 1000) << 16 | 7 << 12 | tail >> 62
    return f"{head << 64 | 2 << 62 | tail & LOW_BITS:032x}"


def user_id(number: int) -> str:
    """The id of a user of the platform, whose users count up."""
    return f"00000000-0000-0000-0000-{number:012x}"


def write_time(at: float) -> str:
    """For COPY, to the second."""
    day, second = divmod(int(at), 86_400)
    return write_day(day) + seconds_of_a_day()[second]


@cache
def seconds_of_a_day() -> tuple[str, ...]:
    """Each of them written once: a load writes twenty million times."""
    clock = product(range(24), range(60), range(60))
    return tuple(f"{hour:02}:{minute:02}:{second:02}+00" for hour, minute, second in clock)


@cache
def write_day(day: int) -> str:
    """Days since 1970; there are few different ones, and writing a date costs more than the rest of the time."""
    return f"{date.fromordinal(EPOCH + day)} "


def make_stories(plan: Plan, homes: Homes, categories: Mapping[str, float]) -> Iterator[Story]:
    """The events in the order of their creation; `categories` are names with their weights."""
    random, now = plan.random("stories"), plan.until.timestamp()
    names, weights = tuple(categories), tuple(accumulate(categories.values()))
    for number in range(plan.events):
        rank, created_at = plan.rank(number), plan.created_at(number)
        lead = (2 + 180 * random.random() ** 1.5) * DAY
        starts_at = (created_at + lead) // (HOUR / 2) * (HOUR / 2)
        has_end = random.random() < 0.85
        ends_at = starts_at + (random.choice((1, 2, 2, 3, 3, 8)) if has_end else 24) * HOUR
        status = choose_status(random, is_seen=rank < plan.visible, is_over=ends_at < now)
        seats, waiting, cancelled, is_full = share_out(random, plan.registrations_at(rank), status)
        yield Story(
            id=make_id(random, created_at),
            created_at=created_at,
            starts_at=starts_at,
            ends_at=ends_at,
            has_end=has_end,
            closed_at=ends_at + DAY if status == EventStatus.COMPLETED and ends_at + DAY < now else None,
            status=status,
            city=choose(random, CITY_WEIGHTS),
            topic=choose(random, TOPIC_WEIGHTS),
            category=names[choose(random, weights)],
            organiser=homes.first + int(plan.users * random.random() ** 4),
            seats=seats,
            waiting=waiting,
            cancelled=cancelled,
            is_full=is_full,
        )


def choose_status(random: Random, *, is_seen: bool, is_over: bool) -> EventStatus:
    """A twentieth of the visible events is cancelled."""
    if not is_seen:
        return random.choice(UNSEEN)
    if random.random() < 0.05:
        return EventStatus.CANCELLED
    return EventStatus.COMPLETED if is_over else EventStatus.ACTIVE


def share_out(random: Random, registrations: int, status: EventStatus) -> tuple[int, int, int, bool]:
    """Seats, waiting, cancelled and whether no seat is left, of an event with so many registrations.

    One in twelve is given up; an eighth of the events is full, a third of the full coming ones with people waiting.
    """
    if status == EventStatus.CANCELLED:
        return 0, 0, registrations, False
    cancelled = int(registrations / 12 + random.random())
    is_full = random.random() < 0.125 and 1 <= registrations - cancelled <= CAPACITIES[-1]
    may_wait = is_full and status == EventStatus.ACTIVE and random.random() < 0.33
    waiting = (registrations - cancelled) // 4 if may_wait else 0
    return registrations - cancelled - waiting, waiting, cancelled, is_full


def event_row(random: Random, story: Story, category_id: str, now: float) -> tuple[str, ...]:
    """The COLUMNS of an event as text for COPY."""
    city, topic = places.CITIES[story.city], topics.TOPICS[story.topic]
    is_virtual = story.category == "Webinar" or random.random() < 0.06
    person = f"{random.choice(topics.FIRST_NAMES)} {random.choice(topics.LAST_NAMES)}"
    is_edited = story.status == EventStatus.CANCELLED or random.random() < 0.2
    updated_at = (
        min(now, story.created_at + (story.starts_at - story.created_at) * 0.9) if is_edited else story.created_at
    )
    return (
        story.id,
        write_title(random, topic, city, story.category, person),
        write_description(random, topic, city, person),
        "\\N" if is_virtual else city.location,
        "\\N" if is_virtual else f"{city.latitude + random.uniform(-0.08, 0.08):.6f}",
        "\\N" if is_virtual else f"{jitter_longitude(random, city.longitude):.6f}",
        write_time(story.starts_at),
        write_time(story.ends_at) if story.has_end else "\\N",
        city.timezone,
        choose_capacity(random, story),
        str(story.seats),
        str(story.seats),
        story.category,
        category_id,
        choose_tags(random, topic),
        "t" if is_virtual else "f",
        f"https://meet.example.com/{story.id[-12:]}" if is_virtual else "\\N",
        random.choice(PRICES) if random.random() < 0.35 else "0.00",
        city.currency,
        story.status.value,
        user_id(story.organiser),
        "2" if is_edited else "1",
        write_time(story.created_at),
        write_time(updated_at),
        write_time(story.closed_at) if story.closed_at else "\\N",
    )


def jitter_longitude(random: Random, longitude: float) -> float:
    """Up to 0.08 degrees away, and round the antimeridian where that lies between."""
    return (longitude + random.uniform(-0.08, 0.08) + 180) % 360 - 180


def choose_capacity(random: Random, story: Story) -> str:
    """What is taken for a full event, else the next round number above or no limit."""
    if story.is_full:
        return str(story.seats)
    if story.seats >= CAPACITIES[-1] or random.random() < 0.25:
        return "\\N"
    bigger = [capacity for capacity in CAPACITIES if capacity > story.seats]
    return str(random.choice(bigger[:4]))


def choose_tags(random: Random, topic: topics.Topic) -> str:
    """Those of the topic, mostly, and often one of another; an array for COPY."""
    tags = dict.fromkeys(tag for tag in topic.tags if random.random() < 0.8)
    if random.random() < 0.4:
        tags[random.choice(topics.TOPICS[choose(random, TOPIC_WEIGHTS)].tags)] = None
    return f"{{{','.join(tags)}}}"
