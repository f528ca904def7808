"""Which coming events people register for just now, everywhere and in each city, out of the view `event_trends`.

The heat of an event is the logarithm of a decayed count of its registrations:

    heat = log2(sum over registrations of 2 ** (t / HALF_LIFE))        t: when it was made, in seconds since 1970

so 2 ** (heat - now / HALF_LIFE) is how many registrations it has, each counted half as much for every HALF_LIFE of
its age. This is the forward decay of Cormode, Shkapenyuk, Srivastava and Xu ("Forward Decay: A Practical Time Decay
Model for Streaming Systems", ICDE 2009): since all counts fade alike, heat does not change while nobody registers, and
neither does an order by it. Registrations older than three weeks, less than a hundredth each, do not count.

The view ranks coming active events by heat, then by start: the first 200 everywhere and of each city (the location up
to its first comma, without case and accents), and the first 50 of each word (a tag or the category). Beat refreshes it
every ten minutes; to read a rank costs the same however many events there are.
"""

import re
import unicodedata
from typing import Any

from events.rows import COLUMNS_SQL
from meetinity_events.prepared import fetch_all

EVENT_TRENDS = "event_trends"
HALF_LIFE_SECONDS = 259_200
"""Three days, as the view has it."""

MOST_POPULAR = 20
POPULAR_SQL = f"""
    SELECT heat, {COLUMNS_SQL} FROM event_trends JOIN events ON events.id = event_trends.event_id
    WHERE scope = %(scope)s AND name = %(city)s AND status = 'active' AND start_date > now()
    ORDER BY rank LIMIT {MOST_POPULAR}
"""
ACCENTS = re.compile("[\u0300-\u036f]")


def city_of(location: str) -> str:
    """What the view calls the city of a location; empty for a blank one. SQL's `event_city` is the same rule."""
    return ACCENTS.sub("", unicodedata.normalize("NFKD", location.split(",", 1)[0])).strip(" ").lower()


def word_of(word: str) -> str:
    """How the view writes a tag, a category or an interest. SQL's `event_word` is the same rule."""
    return word.strip(" ").lower().replace(" ", "-")


def count_recent(heat: float | None, now: float) -> float:
    """How many registrations a heat stands for at `now` (seconds since 1970), to two places; 0 for None."""
    return 0.0 if heat is None else round(2 ** min(heat - now / HALF_LIFE_SECONDS, 64), 2)


def find_popular_rows(city: str) -> list[tuple[Any, ...]]:
    """The hottest coming events of a city, or of all for an empty one, hottest first: heat, then the columns.

    One prepared query, which reads the ranks of one list until it has MOST_POPULAR events.
    """
    return fetch_all(POPULAR_SQL, {"scope": "city" if city else "everywhere", "city": city})
