"""Questions about events in the words of the domain."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from events.errors import EventNotFound
from events.place import Chord, IsInBox, chord_of, distance_of
from events.status import PUBLIC, EventStatus

if TYPE_CHECKING:
    from events.models import Event

LENGTH_UNLESS_SAID = timedelta(hours=24)
"""How long an event without `end_date` takes."""


class EventQuerySet(QuerySet["Event"]):
    """Filters that can be chained."""

    def visible_to(self, user_id: UUID, *, is_admin: bool) -> "EventQuerySet":
        """Public events, the caller's own, and for an admin all."""
        return self.all() if is_admin else self.filter(Q(status__in=PUBLIC) | Q(created_by=user_id))

    def upcoming(self, now: datetime) -> "EventQuerySet":
        """Those that have not started."""
        return self.filter(start_date__gte=now)

    def with_any_tag(self, tags: Iterable[str]) -> "EventQuerySet":
        """At least one of the tags."""
        return self.filter(tags__overlap=list(tags))

    def with_all_tags(self, tags: Iterable[str]) -> "EventQuerySet":
        """Every one of the tags."""
        return self.filter(tags__contains=list(tags))

    def with_distance(self, latitude: float, longitude: float) -> "EventQuerySet":
        """Those that have a place, annotated with `chord` (to order by) and `distance_km` from the point."""
        placed = self.annotate(chord=Chord(latitude, longitude)).filter(chord__isnull=False)
        return placed.annotate(distance_km=distance_of("chord"))

    def within_km(self, radius_km: float) -> "EventQuerySet":
        """Of those with a distance, the ones that are not further away."""
        return self.filter(Q(chord__lte=chord_of(radius_km)))

    def in_box(self, latitude: float, longitude: float, *, radius_km: float) -> "EventQuerySet":
        """A little more than those within the radius, found by the index; PostgreSQL takes them for few."""
        return self.filter(IsInBox(latitude, longitude, chord_of(radius_km)))

    def over(self, moment: datetime) -> "EventQuerySet":
        """Those that had ended at `moment`; `Event.ends_at` is the same rule in Python."""
        without_end = Q(end_date__isnull=True, start_date__lte=moment - LENGTH_UNLESS_SAID)
        # No event ends before it starts: the first condition is what the partial index of the two below can find.
        return self.filter(Q(start_date__lte=moment) & (Q(end_date__lte=moment) | without_end))

    def past(self, moment: datetime) -> "EventQuerySet":
        """Active ones that had ended at `moment`: to be completed."""
        return self.over(moment).filter(status=EventStatus.ACTIVE, attendance_closed_at__isnull=True)

    def attendance_due(self, moment: datetime) -> "EventQuerySet":
        """Completed ones that had ended at `moment`, and whose list of those who came is still open."""
        return self.over(moment).filter(status=EventStatus.COMPLETED, attendance_closed_at__isnull=True)

    def find(self, event_id: UUID) -> "Event":
        """The event of this id. Raises EventNotFound."""
        event = self.filter(pk=event_id).first()
        if event is None:
            raise EventNotFound
        return event

    def lock(self, event_id: UUID) -> "Event":
        """The event's row, locked until the transaction ends; the first lock of every write. Raises EventNotFound.

        FOR NO KEY UPDATE, so that a registration's foreign key check does not wait.
        """
        return self.select_for_update(no_key=True).find(event_id)

    def lock_if_free(self, event_id: UUID) -> "Event | None":
        """The same without waiting: None while somebody else holds the row, or when the filters do not fit it now."""
        return self.select_for_update(no_key=True, skip_locked=True).filter(pk=event_id).first()
