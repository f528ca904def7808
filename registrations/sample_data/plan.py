"""The numbers behind the made-up rows: how many, how popular, when, and who lives where."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from math import gcd
from random import Random

from registrations.sample_data import places, topics

SKEW = 0.6
"""The exponent of popularity (Zipf): the event of rank r has about r**-SKEW of the registrations of the first."""

DRAFT_SHARE = 0.04
DAY = 86_400.0
WINDOW_DAYS = 730
"""The oldest event was created so long before `until`; half of all were in its last quarter."""


@dataclass(frozen=True)
class Plan:
    """What is asked for. `until` is the present of the data: nothing was created or registered after it."""

    events: int
    registrations: int
    users: int
    seed: int
    until: datetime

    def random(self, purpose: str) -> Random:
        """A stream of its own for each purpose, so that one does not disturb the other."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311 - made-up rows, no secret

    @cached_property
    def visible(self) -> int:
        """Events that somebody else can see; the others are drafts and the like, without registrations."""
        return self.events - int(self.events * DRAFT_SHARE)

    @cached_property
    def stride(self) -> int:
        """Spreads the ranks of popularity over the events: coprime to their number, and near its golden section."""
        stride = max(1, int(self.events * 0.618))
        while gcd(stride, self.events) != 1:
            stride += 1
        return stride

    def rank(self, number: int) -> int:
        """The place of the `number`-th event among all by popularity, from 0; each place once."""
        return (number * self.stride + self.seed) % self.events

    def registrations_at(self, rank: int) -> int:
        """How many registrations the event of this rank has; over all ranks they add up to `registrations`."""
        if rank >= self.visible:
            return 0
        below, above = (int(self.registrations * (n / self.visible) ** (1 - SKEW)) for n in (rank, rank + 1))
        return above - below

    def created_at(self, number: int) -> float:
        """When the `number`-th event was created, in seconds since 1970: later for each next one, and denser."""
        age = WINDOW_DAYS * DAY * (1 - number / self.events) ** 2
        return self.until.timestamp() - 60 - age


@dataclass(frozen=True)
class Homes:
    """The users, numbered from `first`, city by city; their main interest goes round within a city."""

    first: int
    ends: tuple[int, ...]

    @classmethod
    def of(cls, plan: Plan) -> "Homes":
        """As many users in each city as its weight says. The platform's small numbers are left to the demo."""
        shares = accumulate(places.WEIGHTS)
        total = sum(places.WEIGHTS)
        return cls(1000, tuple(round(plan.users * share / total) for share in shares))

    def within(self, city: int) -> tuple[int, int]:
        """The first user of a city, and how many it has; counted from 0."""
        start = self.ends[city - 1] if city else 0
        return start, self.ends[city] - start

    def city_of(self, user: int) -> int:
        """Where the user of this number, from 0, lives."""
        return bisect_right(self.ends, user)

    def interests_of(self, user: int) -> tuple[int, ...]:
        """The numbers of the user's topics, the main one first."""
        count = len(topics.TOPICS)
        return tuple(dict.fromkeys(((user * step) % count) for step in (1, 7, 11)[: 1 + user % 3]))


def fewest_users(events: int, registrations: int) -> int:
    """So many that the guests of the most popular event can all be different people; ten registrations each if more."""
    most = int(registrations * (1 / max(1, events)) ** (1 - SKEW)) + 1
    return max(registrations // 10, 4 * most, len(places.CITIES))


def choose(random: Random, cumulative: Sequence[float]) -> int:
    """A place in a list by its cumulative weights; what `random.choices` does, without its cost."""
    return bisect_right(cumulative, random.random() * cumulative[-1])
