"""Questions about registrations in the words of the domain."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from events.status import PUBLIC

if TYPE_CHECKING:
    from registrations.models import Registration  # noqa: F401 - named in the base class below

HOLDING_A_SEAT = ("registered", "attended", "no_show")
EXPECTANT = ("registered", "waitlisted")
ANONYMISE_SQL = """
UPDATE event_registrations SET user_id = gen_random_uuid(), registration_data = NULL
WHERE id IN (SELECT id FROM event_registrations WHERE user_id = %(user_id)s ORDER BY event_id LIMIT %(most)s)
RETURNING event_id
"""


class RegistrationQuerySet(QuerySet["Registration"]):
    """Filters that can be chained."""

    def of_user(self, user_id: UUID) -> "RegistrationQuerySet":
        """One person's."""
        return self.filter(user_id=user_id)

    def holding_a_seat(self) -> "RegistrationQuerySet":
        """Those that count in `current_attendees`."""
        return self.filter(status__in=HOLDING_A_SEAT)

    def coming(self, now: datetime) -> "RegistrationQuerySet":
        """Seats of events that have not started, and places on their waitlists."""
        return self.filter(status__in=EXPECTANT, event__status="active", event__start_date__gt=now)

    def waiting(self, event_id: UUID) -> "RegistrationQuerySet":
        """Who waits for a seat of an event, each annotated with the `position`, from 1."""
        before = self.filter(event_id=event_id, status="waitlisted", waitlist_number__lte=OuterRef("waitlist_number"))
        position = before.order_by().values("event_id").annotate(count=Count("pk")).values("count")
        return self.filter(event_id=event_id, status="waitlisted").annotate(position=Subquery(position))

    def on_the_calendar(self) -> "RegistrationQuerySet":
        """Seats and places in the waitlist, also those that ended with their event; not what the person gave up."""
        ended_together = Q(status="cancelled", event__status="cancelled", updated_at__gte=F("event__updated_at"))
        return self.filter(~Q(status="cancelled") | ended_together, event__status__in=PUBLIC)

    def for_outer_event(self, user_id: UUID) -> Exists:
        """Whether this person holds a seat at the event of the outer query: `annotate(is_registered=...)`."""
        return Exists(self.of_user(user_id).holding_a_seat().filter(event_id=OuterRef("pk")))

    def end_all(self, event_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
        """Cancel every registration of an event whose row is locked; returns who had which state, by id."""
        rows = self.filter(event_id=event_id, status__in=EXPECTANT)
        ended = list(rows.order_by("id").values_list("user_id", "status"))
        rows.update(status="cancelled", updated_at=now)
        return ended

    def anonymise(self, user_id: UUID, *, most: int) -> list[UUID]:
        """Cut every tie between up to `most` rows and the person; the rows go on counting. Returns their events."""
        with connection.cursor() as cursor:
            cursor.execute(ANONYMISE_SQL, {"user_id": user_id, "most": most})
            return [event_id for (event_id,) in cursor.fetchall()]

    def seats_of(self, event_id: UUID, user_ids: Iterable[UUID]) -> dict[UUID, UUID]:
        """The registrations of these users that hold a seat of the event, by user; who holds none is left out."""
        seats = self.filter(event_id=event_id, user_id__in=list(user_ids)).holding_a_seat()
        return dict(seats.values_list("user_id", "id"))

    def end_waiting(self, event_id: UUID, now: datetime) -> int:
        """Cancel those who wait for a seat of an event whose row is locked. Returns how many."""
        return self.filter(event_id=event_id, status="waitlisted").update(status="cancelled", updated_at=now)

    def count_by_status(self, event_id: UUID) -> dict[str, int]:
        """How many registrations of the event are in each state; states without any are left out."""
        return dict(self.filter(event_id=event_id).order_by().values_list("status").annotate(Count("pk")))

    def show_records(self, user_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
        """How often these users came and did not come, over all events; who has no past is left out."""
        marked = self.filter(user_id__in=list(user_ids), status__in=("attended", "no_show")).order_by()
        came, missed = Count("pk", filter=Q(status="attended")), Count("pk", filter=Q(status="no_show"))
        rows = marked.values("user_id").annotate(came=came, missed=missed)
        return {row["user_id"]: (row["came"], row["missed"]) for row in rows}
