"""One person at many events at once: the registrations of a user take turns, so that none is counted late."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction

from events.models import Event
from meetinity_events.embedded.ports import wait_until
from registrations.models import Registration
from tests.factories import Caller, make_event
from tests.live import LiveService

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DOORS, LEFT = 20, 3


def almost_everywhere(alice: Caller, bob: Caller) -> None:
    """All but LEFT of the coming events that one person may have."""
    event = make_event(alice)
    same = {"category": event.category, "category_ref": event.category_ref, "start_date": event.start_date}
    rest = settings.MAX_ACTIVE_REGISTRATIONS - LEFT
    others = Event.objects.bulk_create(Event(title="Another", created_by=alice.id, **same) for _ in range(rest))
    Registration.objects.bulk_create(Registration(event=event, user_id=bob.id) for event in others)


def count_waiting() -> int:
    """Statements that wait for a row or for their turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


def enter_at_once(service: LiveService, alice: Caller, bob: Caller) -> Counter[int]:
    """Knock at every door while all are held shut, and open them when more stand there than may enter."""
    almost_everywhere(alice, bob)
    events = [make_event(alice) for _ in range(DOORS)]
    with ThreadPoolExecutor(DOORS) as pool:
        with transaction.atomic():
            list(Event.objects.select_for_update().filter(pk__in=[event.pk for event in events]))
            answers = [pool.submit(service.call, bob, "POST", f"/events/{event.id}/register") for event in events]
            assert wait_until(lambda: count_waiting() > LEFT, 30)
        return Counter(answer.result().status for answer in answers)


def test_one_person_at_twenty_doors_at_once_enters_three(alice: Caller, bob: Caller, live: LiveService) -> None:
    assert enter_at_once(live, alice, bob) == {201: LEFT, 409: DOORS - LEFT}
    assert Registration.objects.filter(user_id=bob.id).count() == settings.MAX_ACTIVE_REGISTRATIONS


def test_without_turns_more_slip_through(alice: Caller, bob: Caller, careless: LiveService) -> None:
    """The control: each request counts what the others have not stored yet."""
    assert enter_at_once(careless, alice, bob)[201] > LEFT
