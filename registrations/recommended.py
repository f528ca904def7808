"""Which events to recommend to a person: candidates out of bounded indexes, weighed by what speaks for each.

The score of an event is the sum of the weights of its reasons:

    interest            3 for each of the person's interests among its tags and category, at most 9
    industry            2 when the person's industry is one of them
    nearby              2 when it takes place in the person's city
    history             up to 2: the share of the person's latest events that had its most frequent word
    attended_together   log2(1 + n) / 2: n people of earlier events of the person have a seat
    trending            log2(1 + n) / 4: n registrations, each counted half for every three days of its age

The weights are ours, chosen so that a stated interest outweighs any one thing that was only observed. Whoever has
neither profile nor past is left with what is nearby and trending. Never recommended: what the person organises, or ever
registered for; what is full, hidden or has started.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log2
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from integrations.users.directory import Interests
from registrations.trending import city_of, count_recent, word_of

MOST_RECOMMENDED = 20
MOST_INTERESTS, MOST_TASTES, MOST_MATCHES = 20, 10, 3

TASTES_SQL = """
    SELECT category, tags FROM (
        SELECT event_id FROM event_registrations
        WHERE user_id = %(user_id)s AND status IN ('registered', 'attended')
        ORDER BY registered_at DESC LIMIT 30
    ) AS latest JOIN events ON events.id = latest.event_id
"""

# Each step has its own limit, so that the whole reads some thousand rows of indexes at most.
CANDIDATES_SQL = """
    WITH history AS (
        SELECT event_id FROM event_registrations
        WHERE user_id = %(user_id)s AND status IN ('registered', 'attended', 'no_show')
        ORDER BY registered_at DESC LIMIT 10
    ),
    peers AS (
        SELECT peer.user_id, count(*) AS shared FROM history CROSS JOIN LATERAL (
            SELECT theirs.user_id FROM event_registrations AS theirs
            WHERE theirs.event_id = history.event_id AND theirs.status IN ('registered', 'attended', 'no_show')
              AND theirs.user_id <> %(user_id)s
            LIMIT 100
        ) AS peer
        GROUP BY peer.user_id ORDER BY shared DESC, peer.user_id LIMIT 50
    ),
    together AS (
        SELECT seat.event_id, count(*) AS peers FROM peers CROSS JOIN LATERAL (
            SELECT coming.event_id FROM event_registrations AS coming
            WHERE coming.user_id = peers.user_id AND coming.status = 'registered' LIMIT 20
        ) AS seat
        GROUP BY seat.event_id ORDER BY peers DESC, seat.event_id LIMIT 50
    ),
    found AS (
        SELECT event_id, heat, 0 AS peers FROM event_trends WHERE scope = 'everywhere' AND name = '' AND rank <= 50
        UNION ALL
        SELECT event_id, heat, 0 FROM event_trends WHERE scope = 'city' AND name = %(city)s AND rank <= 200
        UNION ALL
        SELECT trend.event_id, trend.heat, 0 FROM unnest(%(words)s::text[]) AS wanted (word) CROSS JOIN LATERAL (
            SELECT event_id, heat FROM event_trends WHERE scope = 'word' AND name = wanted.word LIMIT 50
        ) AS trend
        UNION ALL
        SELECT event_id, NULL, peers FROM together
    ),
    candidates AS (SELECT event_id, max(heat) AS heat, max(peers) AS peers FROM found GROUP BY event_id)
    SELECT id, start_date, event_city(location), tags, category, heat, peers
    FROM candidates JOIN events ON events.id = candidates.event_id
    WHERE status = 'active' AND start_date > now() AND created_by <> %(user_id)s
      AND (max_attendees IS NULL OR current_attendees < max_attendees)
      AND NOT EXISTS (
          SELECT FROM event_registrations AS own WHERE own.event_id = events.id AND own.user_id = %(user_id)s
      )
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for an event: in which `values`, or how many (`count`)."""

    code: str
    weight: float
    values: tuple[str, ...] = ()
    count: int | None = None


class Candidate(NamedTuple):
    """An event that might be recommended; `words` are its tags and category, `peers` who of earlier events comes."""

    id: UUID
    start_date: datetime
    city: str
    words: frozenset[str]
    heat: float | None
    peers: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is known of a person. `interests` holds each word as the person wrote it, `tastes` its share of the past."""

    interests: Mapping[str, str]
    industry: str
    city: str
    location: str
    tastes: Mapping[str, float]

    @property
    def words(self) -> list[str]:
        """What to look for."""
        return [word for word in (*self.interests, word_of(self.industry), *self.tastes) if word]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An event to recommend, and why: the strongest reason first."""

    event_id: UUID
    score: float
    reasons: tuple[Reason, ...]


def recommend(user_id: UUID, profile: Interests) -> list[Suggestion]:
    """The best events for a person, best first, at most MOST_RECOMMENDED; two queries."""
    wishes, now = read_wishes(user_id, profile), time.time()
    weighed = [(candidate, weigh(candidate, wishes, now)) for candidate in find_candidates(user_id, wishes)]
    weighed.sort(key=lambda pair: (-pair[1].score, pair[0].start_date, pair[0].id))
    return [suggestion for _, suggestion in weighed[:MOST_RECOMMENDED]]


def read_wishes(user_id: UUID, profile: Interests) -> Wishes:
    """The profile in the words of the view, beside the words of the person's latest events. One query."""
    past = [words_of(tags, category) for category, tags in fetch(TASTES_SQL, user_id=user_id)]
    counts = Counter(word for words in past for word in words)
    return Wishes(
        interests={word_of(text): text for text in profile.interests[:MOST_INTERESTS]},
        industry=profile.industry,
        city=city_of(profile.location),
        location=profile.location,
        tastes={word: count / len(past) for word, count in counts.most_common(MOST_TASTES)},
    )


def find_candidates(user_id: UUID, wishes: Wishes) -> list[Candidate]:
    """Some hundred events that fit in one way or another. One query."""
    rows = fetch(CANDIDATES_SQL, user_id=user_id, city=wishes.city, words=wishes.words)
    return [
        Candidate(event_id, start, city or "", words_of(tags, category), heat, peers)
        for event_id, start, city, tags, category, heat, peers in rows
    ]


def weigh(candidate: Candidate, wishes: Wishes, now: float) -> Suggestion:
    """What speaks for the event, `now` in seconds since 1970; the formula stands above."""
    reasons = [reason for reason in speak_for(candidate, wishes, now) if reason.weight > 0]
    reasons.sort(key=lambda reason: -reason.weight)
    score = sum(reason.weight for reason in reasons)
    return Suggestion(candidate.id, round(score, 3), tuple(reasons) or (Reason("coming_soon", 0.0),))


def speak_for(candidate: Candidate, wishes: Wishes, now: float) -> Iterable[Reason]:
    """Every reason, also those that weigh nothing here."""
    shared = tuple(text for word, text in wishes.interests.items() if word in candidate.words)[:MOST_MATCHES]
    yield Reason("interest", 3.0 * len(shared), shared)
    yield Reason("industry", 2.0 * (word_of(wishes.industry) in candidate.words), (wishes.industry,))
    yield Reason("nearby", 2.0 * (wishes.city != "" and candidate.city == wishes.city), (wishes.location,))
    usual = sorted(candidate.words & wishes.tastes.keys(), key=lambda word: (-wishes.tastes[word], word))
    yield Reason("history", 2.0 * wishes.tastes[usual[0]] if usual else 0.0, tuple(usual[:MOST_MATCHES]))
    yield Reason("attended_together", log2(1 + candidate.peers) / 2, count=candidate.peers)
    recent = count_recent(candidate.heat, now)
    yield Reason("trending", log2(1 + recent) / 4, count=max(1, round(recent)))


def words_of(tags: Iterable[str], category: str | None) -> frozenset[str]:
    """Tags and category as the view writes them."""
    return frozenset(word_of(word) for word in (*tags, category or "") if word_of(word))


def fetch(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
