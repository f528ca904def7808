"""Brings the made-up rows into the database by COPY, some thousand events at a time with all that belongs to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction

from categories.models import Category
from events.models import Event
from events.partitions import add_patiently
from meetinity_events.errors import DomainError
from registrations.sample_data import guests, places, stories, topics
from registrations.sample_data.aside import set_aside
from registrations.sample_data.plan import DAY, WINDOW_DAYS, Homes, Plan
from registrations.sample_data.stories import Story

EVENTS_AT_ONCE, ROWS_A_BLOCK = 10_000, 1000
TABLES = ("events", "event_registrations", "user_profiles")
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


T = TypeVar("T")


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
    blocks = make_blocks(plan, homes, categories, steps(first_step, made_up), first_number=reserve_numbers(plan))
    with set_aside(), ThreadPoolExecutor(1) as pool:
        for step, events, registrations in made_ahead(pool, blocks):
            copy(COPY_EVENTS, events)
            copy(COPY_REGISTRATIONS, registrations)
            loaded.add(step)
            report(loaded)
    return loaded


def make_blocks(
    plan: Plan, homes: Homes, categories: Mapping[str, str], made_up: Iterable[list[Story]], *, first_number: int
) -> Iterator[tuple[list[Story], list[str], list[str]]]:
    """Each step with the text of its events and of their registrations. No query: it may run in another thread."""
    random_events, random_guests, now = plan.random("events"), plan.random("guests"), plan.until.timestamp()
    for step in made_up:
        events = (stories.event_row(random_events, it, categories[it.category], now) for it in step)
        guests_of = (guests.registration_rows(random_guests, it, homes, now, first_number) for it in step)
        yield step, list(write_blocks(events)), list(write_blocks(chain.from_iterable(guests_of)))


def made_ahead(pool: ThreadPoolExecutor, items: Iterator[T]) -> Iterator[T]:
    """The items, each of which a thread makes while PostgreSQL stores the one before."""
    coming = pool.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = pool.submit(next, items, None)
        yield item


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
            write_blocks(
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


def write_blocks(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Some rows at a time as COPY reads them; without tabs, line ends and backslashes but for NULL's."""
    lines = ("\t".join(row) for row in rows)
    while block := list(islice(lines, ROWS_A_BLOCK)):
        yield "\n".join(block) + "\n"


def copy(statement: str, blocks: Iterable[str]) -> None:
    """COPY what `write_blocks` has written."""
    with connection.cursor() as cursor:
        stream: Any = cursor.copy(statement)
        with stream as target:
            for block in blocks:
                target.write(block)


def settle(*calls: Callable[[], object]) -> None:
    """What autovacuum would do within minutes, statistics first and visibility maps beside `calls`."""
    together(*(partial(maintain, f"ANALYZE {table}") for table in TABLES))
    together(*(partial(maintain, f"VACUUM {table}") for table in TABLES), *calls)


def maintain(statement: str) -> None:
    """Outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def together(*calls: Callable[[], object]) -> None:
    """Two at a time, each in a thread with a connection of its own."""

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, calls))
