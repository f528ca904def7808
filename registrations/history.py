"""What a person has done with events: attended, organised, preferred, and how active that makes them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from events.models import Event
from events.status import PUBLIC, EventStatus
from registrations.models import Registration, RegistrationStatus

SHOWN = ("id", "title", "category", "tags", "start_date", "end_date", "location", "is_virtual", "status")
MOST_EVENTS = 100
MOST_CATEGORIES = 5
CREATED, ATTENDED, REGISTERED, NO_SHOW = "created", "attended", "registered", "no_show"
PREFERENCE = {ATTENDED: 2, CREATED: 1, REGISTERED: 1}
POINTS = {CREATED: 3, ATTENDED: 2, REGISTERED: 1, NO_SHOW: -1}
POINTS_FOR_HALF = 10
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class History:
    """Events as dictionaries of SHOWN, latest first; `activity_score` from 0 to 1."""

    attended_events: list[dict[str, Any]]
    created_events: list[dict[str, Any]]
    preferred_categories: list[str]
    activity_score: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events of a category somebody has to do with in one way, in all and since a year."""

    category: str | None
    way: str
    total: int
    recent: int


def read_history(user_id: UUID, now: datetime) -> History:
    """Up to 100 events of each kind, and what all of them say. Four queries.

    Events that were public count; cancelled ones are shown among the created and count for nothing.
    """
    attended = Event.objects.filter(registrations__user_id=user_id, registrations__status=RegistrationStatus.ATTENDED)
    created = Event.objects.filter(created_by=user_id, status__in=PUBLIC)
    tallies = [*count_registrations(user_id, now - YEAR), *count_created(user_id, now - YEAR)]
    return History(
        attended_events=show_latest(attended),
        created_events=show_latest(created),
        preferred_categories=prefer(tallies),
        activity_score=score(tallies),
    )


def show_latest(events: QuerySet[Event]) -> list[dict[str, Any]]:
    """The latest hundred of them, as SHOWN. One query."""
    return list(events.order_by("-start_date", "-id").values(*SHOWN)[:MOST_EVENTS])


def count_registrations(user_id: UUID, since: datetime) -> list[Tally]:
    """Seats by category and state. One query."""
    seats = Registration.objects.of_user(user_id).holding_a_seat().order_by()
    rows = seats.values("event__category", "status").annotate(
        total=Count("pk"), recent=Count("pk", filter=Q(event__start_date__gte=since))
    )
    return [Tally(row["event__category"], row["status"], row["total"], row["recent"]) for row in rows]


def count_created(user_id: UUID, since: datetime) -> list[Tally]:
    """Events that take or took place, by category. One query."""
    held = Event.objects.filter(created_by=user_id, status__in=(EventStatus.ACTIVE, EventStatus.COMPLETED)).order_by()
    rows = held.values("category").annotate(total=Count("pk"), recent=Count("pk", filter=Q(start_date__gte=since)))
    return [Tally(row["category"], CREATED, row["total"], row["recent"]) for row in rows]


def prefer(tallies: list[Tally]) -> list[str]:
    """The five categories of most weight, then by name: an event attended counts 2, created or registered for 1."""
    weights: Counter[str] = Counter()
    for tally in tallies:
        if tally.category and tally.way in PREFERENCE:
            weights[tally.category] += PREFERENCE[tally.way] * tally.total
    ranked = sorted((-weight, category) for category, weight in weights.items())
    return [category for _, category in ranked[:MOST_CATEGORIES]]


def score(tallies: list[Tally]) -> float:
    """From 0 to 1, to four places: p / (p + 10); p = 3 x created + 2 x attended + registered - missed, at least 0.

    Of events that began within the last 365 days or are still to come: 0 for none, 0.5 for five that were attended,
    towards 1 for ever more. Ours: the platform names the figure and no formula.
    """
    points = max(0, sum(POINTS[tally.way] * tally.recent for tally in tallies))
    return round(points / (points + POINTS_FOR_HALF), 4)
