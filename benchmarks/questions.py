"""What people ask of a large database: no two questions alike, so that each one reaches PostgreSQL.

Of lists they ask for other pages of the same list, whose total is known, and of searches for other words.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import psycopg
from django.core.signing import TimestampSigner

KINDS = ("list", "filtered list", "search", "typo search", "radius search", "detail")
SAMPLE_SQL = """
SELECT id::text, title, category, start_date, latitude::float, longitude::float FROM events
WHERE status = 'active' AND start_date > now() + interval '1 hour' AND latitude IS NOT NULL
ORDER BY id LIMIT 4000
"""


@dataclass(frozen=True)
class Known:
    """A coming event that a question can be about."""

    id: str
    title: str
    category: str
    start_date: datetime
    latitude: float
    longitude: float

    @property
    def word(self) -> str:
        """The longest of its title."""
        return max(re.findall(r"[^\W\d_]+", self.title), key=len)


@dataclass(frozen=True)
class Questions:
    """Made of what the database holds; `signing_key` is the service's own."""

    known: list[Known]
    since: datetime
    signing_key: str

    def ask(self, kind: str, number: int) -> str:
        """The path and query of one question; another `number` is another question."""
        event = self.known[number * 7919 % len(self.known)]
        since = (self.since + timedelta(seconds=number)).isoformat()
        asked = {
            "list": {"cursor": self.sign_cursor(event)},
            "filtered list": {"cursor": self.sign_cursor(event), "category": event.category, "is_virtual": "false"},
            "search": {"start_after": since, "q": event.word},
            "typo search": {"start_after": since, "q": misspell(event.word)},
            "radius search": {"latitude": event.latitude, "longitude": event.longitude + number / 1e5, "radius_km": 25},
        }
        if kind == "detail":
            return f"/events/{event.id}"
        return f"/events{'/search' * ('q' in asked[kind])}?{urlencode(asked[kind])}"

    def sign_cursor(self, event: Known) -> str:
        """The cursor behind this event, as the service writes it."""
        signer = TimestampSigner(key=self.signing_key, salt="cursor", fallback_keys=[])
        return signer.sign_object(["upcoming", event.start_date.isoformat(), event.id])


def misspell(word: str) -> str:
    """Without the letter in the middle."""
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :]


def read_questions(database_url: str, signing_key: str) -> Questions:
    """Out of a seeded database."""
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        known = [Known(*row) for row in connection.execute(SAMPLE_SQL)]
    return Questions(known, datetime.now(UTC).replace(microsecond=0), signing_key)
