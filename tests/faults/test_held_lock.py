"""Somebody sits idle in a transaction on one event: who wants that event waits, nobody else does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from meetinity_events.embedded.ports import wait_until
from tests.factories import Caller, make_event
from tests.live import live_service
from tests.locks import held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


PATIENCE_SECONDS = 10


@pytest.fixture
def _impatient() -> Iterator[None]:
    """Who queues on the row is refused after a tenth of a second."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def test_a_held_event_answers_503_and_the_others_do_not_wait_for_it(
    alice: Caller, bob: Caller, carol: Caller, root: Caller
) -> None:
    event, another = make_event(alice), make_event(alice)
    with live_service(LOCK_TIMEOUT_MILLISECONDS="2000") as live, ThreadPoolExecutor(1) as pool, held(event):
        held_up = pool.submit(live.call, bob, "POST", f"/events/{event.id}/register")
        assert wait_until(is_somebody_waiting, PATIENCE_SECONDS)
        answers = [live.call(guest, "POST", f"/events/{another.id}/register").status for guest in (carol, root)]
        is_still_waiting = not held_up.done()
        refused = held_up.result()

    assert (answers, is_still_waiting) == ([201, 201], True)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
    assert event.registrations.count() == 0


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(("seats", "status"), [(1, 409), (2, 503)])
def test_a_sold_out_event_says_so_without_queueing_on_its_row(
    alice: Caller, bob: Caller, carol: Caller, seats: int, status: int
) -> None:
    """With a seat left the same call has to queue."""
    event = make_event(alice, max_attendees=seats)
    bob.post(f"/events/{event.id}/register")

    with held(event):
        answer = carol.post(f"/events/{event.id}/register")

    assert answer.status_code == status
