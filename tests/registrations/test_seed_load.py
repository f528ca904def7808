"""`manage.py seed_load`: a large database that the service could have written itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from categories.models import Category
from events.models import Event, SearchWord
from events.validation import check_together, currencies, normalise_tags, timezones
from integrations.models import OutboxMessage, UserProfile
from registrations.models import Registration
from registrations.querysets import HOLDING_A_SEAT
from registrations.sample_data import guests
from registrations.sample_data.load import AlreadyLoadedError, Loaded, load
from registrations.sample_data.plan import Plan, fewest_users
from tests.factories import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]

EVENTS, REGISTRATIONS = 600, 3000
UNTIL = timezone.now().replace(microsecond=0)


def run(seed: int = 1, *, events: int = EVENTS, registrations: int = REGISTRATIONS) -> Loaded:
    plan = Plan(events, registrations, fewest_users(events, registrations), seed, UNTIL)
    return load(plan, report=lambda loaded: None)  # noqa: ARG005


def rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everything but the numbers of the waitlists, which the database hands out."""
    registrations = list(Registration.objects.order_by("id").values())
    for registration in registrations:
        del registration["waitlist_number"]
    return list(Event.objects.order_by("id").values()), registrations


def milliseconds_of(row_id: UUID) -> int:
    return row_id.int >> 80


def test_every_row_that_was_asked_for_is_there_and_every_counter_equals_its_rows() -> None:
    loaded = run()

    assert (loaded.events.total(), Event.objects.count()) == (EVENTS, EVENTS)
    assert (loaded.registrations, Registration.objects.count()) == (REGISTRATIONS, REGISTRATIONS)
    seats = Count("registrations", filter=Q(registrations__status__in=HOLDING_A_SEAT))
    assert list(Event.objects.annotate(seats=seats).exclude(seats=F("current_attendees"))) == []
    assert loaded.profiles == UserProfile.objects.count()
    assert OutboxMessage.objects.count() == 0


def test_an_event_and_its_registrations_tell_one_story() -> None:
    run()

    full = Event.objects.filter(current_attendees=F("max_attendees"))
    waiting = Event.objects.filter(registrations__status="waitlisted")
    assert (full.exists(), waiting.exists(), waiting.difference(full).exists()) == (True, True, False)
    unseen = Registration.objects.filter(event__status__in=("draft", "pending", "rejected", "archived"))
    given_up = Registration.objects.filter(event__status="cancelled").exclude(status="cancelled")
    still_coming = Registration.objects.filter(event__attendance_closed_at__isnull=False, status="registered")
    too_late = Registration.objects.filter(Q(registered_at__gt=F("event__start_date")) | Q(registered_at__gt=UNTIL))
    not_yet = Registration.objects.filter(event__start_date__gt=UNTIL, status__in=("attended", "no_show"))
    for impossible in (unseen, given_up, still_coming, too_late, not_yet):
        assert list(impossible) == []


def test_nothing_is_left_for_beat_to_complete_or_to_close() -> None:
    run()

    assert list(Event.objects.past(UNTIL)) == []
    assert list(Event.objects.attendance_due(UNTIL - timedelta(hours=24))) == []


def test_the_events_keep_the_rules_of_the_api() -> None:
    run()

    categories = set(Category.objects.values_list("id", flat=True))
    for event in Event.objects.values():
        check_together(event)
        assert event["tags"] == normalise_tags(event["tags"])
        assert (event["timezone"] in timezones(), event["currency"] in currencies()) == (True, True)
        assert event["max_attendees"] is None or 1 <= event["max_attendees"] <= 10_000
        assert (event["location"] is None) == (event["latitude"] is None) == event["is_virtual"]
        assert UNTIL - timedelta(days=731) < event["created_at"] <= event["updated_at"] <= UNTIL
        assert event["category_ref_id"] in categories
    assert Event.objects.filter(title__contains=" à ", location="Genève, Suisse").exists()


def test_an_id_begins_with_the_time_of_its_row_so_that_an_event_lies_in_its_partition() -> None:
    run()

    for event_id, created_at in Event.objects.values_list("id", "created_at"):
        assert (event_id.version, milliseconds_of(event_id) // 1000) == (7, int(created_at.timestamp()))
    for row_id, registered_at in Registration.objects.values_list("id", "registered_at"):
        assert (row_id.version, milliseconds_of(row_id) // 1000) == (7, int(registered_at.timestamp()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text, extract(year FROM created_at)::int FROM events")
        assert all(name == f"events_{year}" for name, year in cursor.fetchall())


def test_few_events_have_many_guests_and_few_guests_go_out_much() -> None:
    run()

    by_event = sorted((n for (n,) in Event.objects.annotate(n=Count("registrations")).values_list("n")), reverse=True)
    assert by_event[0] > 20 * by_event[EVENTS // 2] > 0
    by_user = Registration.objects.values_list("user_id").annotate(n=Count("pk")).values_list("n", flat=True)
    assert max(by_user) > 5 * REGISTRATIONS / UserProfile.objects.count()


def test_the_same_seed_and_moment_make_the_same_rows() -> None:
    run()
    first = rows()
    Registration.objects.all().delete()
    Event.objects.all().delete()

    run()

    assert rows() == first


def test_another_seed_adds_and_the_same_one_is_refused_with_nothing_changed() -> None:
    run(1, events=50, registrations=200)
    assert run(2, events=50, registrations=200).events.total() == 50
    before = rows()

    with pytest.raises(AlreadyLoadedError):
        run(1, events=50, registrations=200)
    assert rows() == before


def test_the_foreign_key_and_the_indexes_are_there_again_as_they_were() -> None:
    def definitions() -> list[tuple[Any, ...]]:
        tables = "IN ('events'::regclass, 'event_registrations'::regclass)"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname::text, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
                f" WHERE conrelid {tables} AND conparentid = 0 UNION ALL"
                " SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid FROM pg_index"
                f" WHERE indrelid {tables} OR indrelid = 'events_{UNTIL.year}'::regclass"
            )
            return sorted(cursor.fetchall())

    before = definitions()
    run(events=50, registrations=200)

    assert definitions() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(event_id=uuid4(), user_id=uuid4())


def test_a_registration_without_its_event_undoes_the_whole_load(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = guests.registration_rows

    def with_one_lost(*args: Any) -> Iterator[tuple[str, ...]]:
        for row in honest(*args):
            yield (row[0], str(uuid4()), *row[2:])
            yield from honest(*args)
            return

    monkeypatch.setattr(guests, "registration_rows", with_one_lost)
    with pytest.raises(IntegrityError):
        run(events=50, registrations=200)

    assert rows() == ([], [])


def test_who_joins_a_loaded_waitlist_stands_behind_it(bob: Caller) -> None:
    run()
    waited_for = Event.objects.filter(registrations__status="waitlisted").first()
    assert waited_for is not None
    before = waited_for.registrations.filter(status="waitlisted").count()

    answer = bob.post(f"/events/{waited_for.id}/register", {"waitlist": True})

    assert (answer.status_code, answer.json()["position"]) == (202, before + 1)


def test_the_registrations_of_all_ranks_add_up() -> None:
    plan = Plan(10_000, 50_001, 5_000, 7, UNTIL)
    shares = [plan.registrations_at(rank) for rank in range(plan.events)]

    assert (sum(shares), sorted({plan.rank(number) for number in range(plan.events)})) == (50_001, list(range(10_000)))
    assert shares[0] == max(shares) < plan.users / 2


@pytest.fixture
def _no_past_partitions() -> Iterator[None]:
    """A transaction of the test's own would have undone them."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE events CASCADE")
        for year in range(UNTIL.year - 3, UNTIL.year):
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"events_{year}"])
            if cursor.fetchone()[0]:
                cursor.execute(f"ALTER TABLE events DETACH PARTITION events_{year}")
                cursor.execute(f"DROP TABLE events_{year}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_past_partitions")
def test_the_command_says_what_it_did_and_how_to_do_it_again(capsys: pytest.CaptureFixture[str], bob: Caller) -> None:
    assert (bob.get("/events").json()["events"], bob.get("/events/popular").json()["events"]) == ([], [])

    call_command("seed_load", "--events", "60", "--registrations", "240", "--until", UNTIL.isoformat(), "-v", "2")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "60 events, 240 registrations"
    assert (lines[1].split(":")[0], lines[2].split(":")[0]) == ("60 events", "240 registrations")
    assert f"events_{UNTIL.year - 1}" in lines[3]
    assert lines[4].endswith(f"--seed 1 --users {UserProfile.objects.count()} --until {UNTIL.isoformat()}")
    assert len(bob.get("/events").json()["events"]) > 0 < len(bob.get("/events/popular").json()["events"])
    assert SearchWord.objects.filter(word="networking").exists()
    with pytest.raises(CommandError, match="another seed adds more"):
        call_command("seed_load", "--events", "60", "--registrations", "240", "--until", UNTIL.isoformat())


def test_production_is_refused_unless_it_is_named(settings: Any) -> None:
    settings.SERVICE_ENV = "production"
    with pytest.raises(CommandError, match="not in production"):
        call_command("seed_load", "--events", "10")
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--events", "0"), "at least 1"),
        (("--events", "10", "--registrations", "-1"), "at least 0"),
        (("--events", "10", "--registrations", "5000", "--users", "40"), "users"),
        (("--events", "10", "--until", "yesterday"), "with its offset"),
        (("--events", "10", "--until", "2026-01-01T00:00:00"), "with its offset"),
    ],
)
def test_numbers_that_cannot_be_are_refused(options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("seed_load", *options)
    assert Event.objects.count() == 0
