"""Brings the made-up rows into the database by COPY, some thousand events at a time with all that belongs to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from categories.models import Category
from events.models import Event
from events.partitions import add_patiently
from meetinity_events.errors import DomainError
from registrations.sample_data import guests, places, stories, topics
from registrations.sample_data.aside import set_aside
from registrations.sample_data.plan import DAY, WINDOW_DAYS, Homes, Plan
from registrations.sample_data.stories import Story

EVENTS_AT_ONCE = 10_000
COPY_EVENTS = f"COPY events ({stories.COLUMNS}) FROM STDIN"
COPY_REGISTRATIONS = f"COPY event_registrations ({guests.COLUMNS}) FROM STDIN"
COPY_PROFILES = "COPY loaded_profiles (user_id, location, industry, interests, profile_at) FROM STDIN"

MAKE_ROOM_FOR_PROFILES = "CREATE TEMPORARY TABLE loaded_profiles (LIKE user_profiles INCLUDING DEFAULTS)"
KEEP_NEW_PROFILES = "INSERT INTO user_profiles SELECT * FROM loaded_profiles ON CONFLICT DO NOTHING"
# Whoever joins one of these waitlists later stands behind all that are loaded.
RESERVE_NUMBERS = """
SELECT setval('event_registrations_waitlist_number_seq',
              nextval('event_registrations_waitlist_number_seq') + %s) - %s
"""


class AlreadyLoadedError(DomainError):
    """The rows of this seed and day are there."""

    code = "already_loaded"
    message = "The first event of this data is there already: another seed adds more."


@dataclass
class Loaded:
    """What came into the database."""

    partitions: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    full: int = 0
    seats: int = 0
    waiting: int = 0
    cancelled: int = 0
    profiles: int = 0

    def add(self, made_up: Iterable[Story]) -> None:
        """Count these events."""
        for story in made_up:
            self.events[story.status.value] += 1
            self.full += story.is_full
            self.seats += story.seats
            self.waiting += story.waiting
            self.cancelled += story.cancelled

    @property
    def registrations(self) -> int:
        """In all states."""
        return self.seats + self.waiting + self.cancelled


@transaction.atomic
def load(plan: Plan, *, report: Callable[[Loaded], None]) -> Loaded:
    """Load what is asked for, all or nothing. Every counter equals its rows; no message is recorded.

    One transaction, which locks `events` and `event_registrations` for everybody else from the first row to the last.
    `report` hears of each step. Raises AlreadyLoadedError, with nothing changed, when the seed was used before.
    """
    homes, categories = Homes.of(plan), choose_categories()
    weights = {name: float(topics.CATEGORY_WEIGHTS[name]) for name in categories}
    made_up = stories.make_stories(plan, homes, weights)
    first_step = list(islice(made_up, EVENTS_AT_ONCE))
    if first_step and Event.objects.filter(pk=first_step[0].id).exists():
        raise AlreadyLoadedError
    loaded = Loaded(partitions=make_past_partitions(plan), profiles=load_profiles(plan, homes))
    random_events, random_guests = plan.random("events"), plan.random("guests")
    first_number, now = reserve_numbers(plan), plan.until.timestamp()
    with set_aside():
        for step in steps(first_step, made_up):
            copy(COPY_EVENTS, (stories.event_row(random_events, it, categories[it.category], now) for it in step))
            rows = (guests.registration_rows(random_guests, it, homes, now, first_number) for it in step)
            copy(COPY_REGISTRATIONS, (row for event_rows in rows for row in event_rows))
            loaded.add(step)
            report(loaded)
    return loaded


def steps(first: list[Story], rest: Iterator[Story]) -> Iterator[list[Story]]:
    """EVENTS_AT_ONCE at a time."""
    step = first
    while step:
        yield step
        step = list(islice(rest, EVENTS_AT_ONCE))


def choose_categories() -> dict[str, str]:
    """The active ones among those that there are words for, by name with their ids."""
    active = Category.objects.filter(is_active=True, name__in=topics.CATEGORY_WEIGHTS).order_by("name")
    return {category.name: str(category.id) for category in active}


def make_past_partitions(plan: Plan) -> list[str]:
    """Partitions for the years in which the events were created; rows of a year may lie in the default one instead."""
    oldest = plan.until.timestamp() - WINDOW_DAYS * DAY
    made = []
    for year in range(int(stories.write_time(oldest)[:4]), plan.until.year + 1):
        try:
            made += [f"events_{year}"] * add_patiently(year)
        except IntegrityError:
            continue  # the default partition holds rows of that year, and takes these too
    return made


def load_profiles(plan: Plan, homes: Homes) -> int:
    """What user-service would have told about everybody; a profile that is there stays. Returns how many are new."""
    known_at = stories.write_time(plan.until.timestamp())
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROOM_FOR_PROFILES)
        copy(
            COPY_PROFILES,
            (
                guests.profile_row(user, homes, places.CITIES[homes.city_of(user)].location, known_at)
                for user in range(homes.ends[-1])
            ),
        )
        cursor.execute(KEEP_NEW_PROFILES)
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE loaded_profiles")
    return count


def reserve_numbers(plan: Plan) -> int:
    """The first of so many numbers of the waitlist that one event can use them all."""
    most = plan.registrations_at(0) + 1
    with connection.cursor() as cursor:
        cursor.execute(RESERVE_NUMBERS, [most, most])
        return int(cursor.fetchone()[0])


def copy(statement: str, rows: Iterable[Sequence[str]]) -> None:
    """COPY rows of text without tabs, line ends and backslashes but for NULL's."""
    with connection.cursor() as cursor:
        stream: Any = cursor.copy(statement)
        with stream as target:
            lines = ("\t".join(row) for row in rows)
            while block := list(islice(lines, 1000)):
                target.write("\n".join(block) + "\n")


def settle() -> None:
    """What autovacuum would do within minutes: statistics and visibility maps for the plans of the next query."""
    with connection.cursor() as cursor:
        for table in ("events", "event_registrations", "user_profiles"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
