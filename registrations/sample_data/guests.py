"""Made-up registrations: who comes to an event, and their rows for COPY."""

from collections.abc import Iterator
from random import Random

from events.status import EventStatus
from registrations.models import CheckInMethod, RegistrationStatus
from registrations.sample_data import topics
from registrations.sample_data.plan import Homes
from registrations.sample_data.stories import HOUR, Story, make_id, user_id, write_time

COLUMNS = (
    "id, event_id, user_id, status, waitlist_number, checked_in_at, checked_in_by, check_in_method,"
    " registered_at, updated_at"
)
# Plain texts: asking an enum for its value costs as much as the rest of a row.
REGISTERED, WAITLISTED, CANCELLED, ATTENDED, NO_SHOW = map(str, RegistrationStatus.values)
NOT_CHECKED_IN = ("\\N", "\\N", CheckInMethod.NONE.value)


def choose_guests(random: Random, story: Story, homes: Homes) -> list[int]:
    """Different users, most of them from the event's city and half of those interested in its topic.

    Some go out much more than others: the density over a city's users falls as 1 / sqrt(x). An event with more guests
    than a quarter of its city draws from everywhere.
    """
    count = story.seats + story.waiting + story.cancelled
    everywhere, at_home, themes = (0, homes.ends[-1]), homes.within(story.city), len(topics.TOPICS)
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        is_local = random.random() < 0.85 and 4 * count <= at_home[1]
        start, size = at_home if is_local else everywhere
        user = start + int(size * random.random() ** 2)
        if is_local and random.random() < 0.5:
            user -= (user - story.topic) % themes
        if user >= start:
            chosen[user] = None
    return list(chosen)


def registration_rows(
    random: Random, story: Story, homes: Homes, now: float, first_number: int
) -> Iterator[tuple[str, ...]]:
    """The COLUMNS of the event's registrations as text for COPY; who waits has numbers from `first_number`."""
    organiser = user_id(story.organiser)
    last = min(now, story.starts_at)
    for place, guest in enumerate(choose_guests(random, story, homes)):
        registered_at = story.created_at + (last - story.created_at) * random.random() ** 0.7
        status = choose_status(random, story, place)
        updated_at, check_in = registered_at, NOT_CHECKED_IN
        if status == CANCELLED:
            updated_at = last
        elif status == ATTENDED:
            updated_at = story.starts_at + HOUR * (random.random() - 0.5)
            check_in = (write_time(updated_at), organiser, CheckInMethod.TOKEN.value)
        elif status == NO_SHOW and story.closed_at:
            updated_at = story.closed_at
        yield (
            make_id(random, registered_at),
            story.id,
            user_id(homes.first + guest),
            status,
            str(first_number + place) if status == WAITLISTED else "\\N",
            *check_in,
            write_time(registered_at),
            write_time(updated_at),
        )


def choose_status(random: Random, story: Story, place: int) -> str:
    """The first places hold a seat, the next wait, the rest gave it up; four of five seats of a closed list came."""
    if place >= story.seats + story.waiting or story.status == EventStatus.CANCELLED:
        return CANCELLED
    if place >= story.seats:
        return WAITLISTED
    if story.closed_at is None:
        return REGISTERED
    return ATTENDED if random.random() < 0.8 else NO_SHOW


def profile_row(user: int, homes: Homes, city: str, known_at: str) -> tuple[str, ...]:
    """user_id, location, industry, interests, profile_at of the user of this number, from 0."""
    chosen = [topics.TOPICS[number] for number in homes.interests_of(user)]
    words = ",".join(f'"{topic.name}"' for topic in chosen)
    return user_id(homes.first + user), city, chosen[0].industry, f"{{{words}}}", known_at
