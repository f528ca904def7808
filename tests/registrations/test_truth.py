"""Whatever people do in whatever order: the service is where a model of thirty lines is, and says so once, in order.

Each machine runs on one event of its own, so that the examples need not clean up behind themselves.
"""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from meetinity_events.api.principal import Principal
from meetinity_events.errors import DomainError
from registrations import storing, waitlist
from registrations.services import cancel_registration as cancelling
from registrations.services import update_event as updating
from registrations.services.cancel_event import cancel_event
from registrations.services.reconcile_seats import ONE_SQL, count_seats
from registrations.services.register_user import register_user
from registrations.services.remove_user import remove_user
from tests.conftest import caller
from tests.factories import in_days, make_event
from tests.registrations.model import Model

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# The same examples in every run. With `--hypothesis-profile thorough` others, and more of them.
EXAMPLES = settings(stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
# Stops at the first failure; which example that is depends on the constants of the code, from which hypothesis learns.
UNSHRUNK = settings(EXAMPLES, max_examples=300, phases=[Phase.generate], report_multiple_bugs=False)
PEOPLE = st.integers(0, 4)
# So much has to be told before anything happens that cannot be undone.
SOON, LONG = 4, 10
STATE_SQL = """
SELECT max_attendees, current_attendees,
       ARRAY(SELECT user_id FROM event_registrations WHERE event_id = %(event_id)s AND status = 'registered'),
       ARRAY(SELECT user_id FROM event_registrations WHERE event_id = %(event_id)s AND status = 'waitlisted'
             ORDER BY waitlist_number),
       ARRAY(SELECT split_part(message_type, '.', 3) || ' ' || (payload->>'user_id') FROM outbox_messages
             WHERE key = %(event_id)s::text AND message_type LIKE 'event.registration.%%' ORDER BY id)
FROM events WHERE id = %(event_id)s
"""


def succeeds(act: Callable[[], object]) -> bool:
    """Whether the service did it, or refused."""
    with suppress(DomainError):
        act()
        return True
    return False


class Evening(RuleBasedStateMachine):
    """One event, five people who come and go, and an organiser who changes the plan."""

    @initialize(capacity=st.integers(1, 2), guests=st.integers(0, 5))
    def begin(self, capacity: int, guests: int) -> None:
        self.organiser = caller(101)
        self.people = [Principal(uuid4(), "", is_admin=False, token="") for _ in range(5)]
        self.event = make_event(self.organiser, max_attendees=capacity)
        self.model = Model(capacity)
        for person in range(guests):
            self.come(person, may_wait=True)

    @rule(person=PEOPLE)
    def register(self, person: int) -> None:
        self.come(person, may_wait=False)

    @rule(person=PEOPLE)
    def wait(self, person: int) -> None:
        self.come(person, may_wait=True)

    def come(self, person: int, *, may_wait: bool) -> None:
        def act() -> object:
            return register_user(event_id=self.event.id, user=self.people[person], may_wait=may_wait)

        assert succeeds(act) == self.model.register(person, may_wait=may_wait)

    @rule(person=PEOPLE)
    def leave(self, person: int) -> None:
        user_id = self.people[person].id
        succeeds(lambda: cancelling.cancel_registration(event_id=self.event.id, user_id=user_id))
        self.model.leave(person)

    @rule(person=PEOPLE)
    def leave_and_come_back(self, person: int) -> None:
        self.leave(person)
        self.come(person, may_wait=True)

    @rule(capacity=st.sampled_from((1, 2, 2, 3, None)))
    def resize(self, capacity: int | None) -> None:
        changes = {"max_attendees": capacity}

        def act() -> object:
            return updating.update_event(event_id=self.event.id, editor=self.organiser.principal, changes=changes)

        assert succeeds(act) == self.model.resize(capacity)

    @precondition(lambda self: len(self.model.told) > SOON)
    @rule(person=PEOPLE)
    def remove(self, person: int) -> None:
        remove_user(user_id=self.people[person].id, at=in_days(0))
        self.model.leave(person)
        self.model.removed.add(person)
        self.come(person, may_wait=True)

    @precondition(lambda self: len(self.model.told) > LONG)
    @rule()
    def cancel(self) -> None:
        cancel_event(event_id=self.event.id, caller=self.organiser.principal, reason="rain")
        self.model.cancel()

    @invariant()
    def the_service_is_where_the_model_is(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(STATE_SQL, {"event_id": self.event.id})
            capacity, counter, seats, waiting, told = cursor.fetchone()
        assert (capacity, counter) == (self.model.capacity, len(self.model.seats))
        assert {self.number_of(user_id) for user_id in seats} == set(self.model.seats)
        assert [self.number_of(user_id) for user_id in waiting] == self.model.waiting
        assert told == [f"{word} {self.people[number].id}" for word, number in self.model.told]

    @invariant()
    def the_counter_is_true_and_nobody_waits_beside_a_free_seat(self) -> None:
        (count,) = count_seats(ONE_SQL, event_id=self.event.id)
        assert not count.has_drifted

    def number_of(self, user_id: UUID) -> int:
        return [person.id for person in self.people].index(user_id)


def test_the_service_does_what_the_model_does() -> None:
    run_state_machine_as_test(Evening, settings=EXAMPLES)  # type: ignore[no-untyped-call]


def nobody_moves_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cancelling, "promote_waiting", lambda **_: 0)


def the_last_moves_up_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waitlist, "PROMOTE_SQL", replace(waitlist.PROMOTE_SQL, "waitlist_number LIMIT", "id DESC LIMIT"))


def a_seat_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        cancelling, "CANCEL_SQL", replace(cancelling.CANCEL_SQL, "current_attendees - 1", "current_attendees")
    )


def coming_back_is_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storing, "REGISTER_SQL", replace(storing.REGISTER_SQL, "own.status <> 'cancelled'", "true"))


def leaving_the_waitlist_is_not_told(patch: pytest.MonkeyPatch) -> None:
    sql = replace(
        cancelling.LEAVE_SQL, "FROM seat CROSS JOIN registration", "FROM seat CROSS JOIN registration WHERE 1 = 0"
    )
    patch.setattr(cancelling, "LEAVE_SQL", sql)


def a_removed_user_may_register(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storing, "REGISTER_SQL", replace(storing.REGISTER_SQL, "removed_at IS NOT NULL", "1 = 0"))


def replace(sql: str, guard: str, hole: str) -> str:
    assert guard in sql
    return sql.replace(guard, hole)


BUGS = [
    nobody_moves_up,
    the_last_moves_up_first,
    a_seat_is_never_given_back,
    coming_back_is_refused,
    leaving_the_waitlist_is_not_told,
    a_removed_user_may_register,
]


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same examples do find what each of these breaks."""
    plant(monkeypatch)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Evening, settings=UNSHRUNK)  # type: ignore[no-untyped-call]
