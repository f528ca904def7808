"""Figures of participation: one event for its organiser, all of them for admins."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from events.statistics import find_refreshed_at, refresh_view
from registrations import tasks
from registrations.models import Registration
from registrations.statistics import SERIES_OF_EVENT_SQL, VIEWS
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATE = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # the next day in Paris
NOTHING = {"registrations": 0, "cancellations": 0, "attendance": 0, "no_shows": 0}


def add(event: Event, user: int, status: str, **columns: Any) -> None:
    event.registrations.create(user_id=UUID(int=user), status=status, **columns)
    if status in ("registered", "attended", "no_show"):
        Event.objects.filter(pk=event.pk).update(current_attendees=event.registrations.holding_a_seat().count())


@pytest.fixture
def meetup(alice: Caller) -> Event:
    """Five people and what became of them."""
    event = make_event(alice, max_attendees=10, timezone="Europe/Paris")
    came = {"checked_in_at": LATE, "checked_in_by": alice.id, "check_in_method": "token"}
    add(event, 1, "attended", registered_at=NOON, updated_at=LATE, **came)
    add(event, 2, "attended", registered_at=LATE, updated_at=NOON + timedelta(days=2))
    add(event, 3, "no_show", registered_at=NOON, updated_at=NOON + timedelta(days=2))
    add(event, 4, "cancelled", registered_at=NOON, updated_at=LATE)
    add(event, 5, "waitlisted", registered_at=NOON, updated_at=NOON, waitlist_number=1)
    return event


def test_the_organiser_sees_the_event_in_figures_and_day_by_day(alice: Caller, meetup: Event) -> None:
    answer = alice.get(f"/events/{meetup.id}/statistics")

    assert answer.json() == {
        "event_id": str(meetup.id),
        "timezone": "Europe/Paris",
        "max_attendees": 10,
        "seats_taken": 3,
        "registered": 0,
        "waitlisted": 1,
        "cancelled": 1,
        "attended": 2,
        "no_show": 1,
        "fill_rate": 0.3,
        "attendance_rate": 0.667,
        "cancellation_rate": 0.25,
        "series": [
            {**NOTHING, "date": "2026-03-10", "registrations": 3},
            {**NOTHING, "date": "2026-03-11", "registrations": 1, "cancellations": 1, "attendance": 1},
            {**NOTHING, "date": "2026-03-12", "attendance": 1, "no_shows": 1},
        ],
    }


def test_an_event_without_a_past_has_no_rates(alice: Caller) -> None:
    answer = alice.get(f"/events/{make_event(alice).id}/statistics").json()

    assert (answer["fill_rate"], answer["attendance_rate"], answer["cancellation_rate"]) == (None, None, None)
    assert answer["series"] == []


def test_the_figures_of_an_event_take_three_queries(
    alice: Caller, meetup: Event, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice.get(f"/events/{meetup.id}/statistics")
    with django_assert_num_queries(3):
        alice.get(f"/events/{meetup.id}/statistics")


@pytest.mark.parametrize(("zone", "day"), [("Asia/Kathmandu", "2026-03-11"), ("Pacific/Marquesas", "2026-03-10")])
def test_the_days_are_those_of_the_events_own_time_zone(alice: Caller, zone: str, day: str) -> None:
    """Kathmandu is 5:45 ahead, the Marquesas 9:30 behind."""
    event = make_event(alice, timezone=zone)
    add(event, 1, "registered", registered_at=datetime(2026, 3, 10, 18, 15, tzinfo=UTC))

    assert [row["date"] for row in alice.get(f"/events/{event.id}/statistics").json()["series"]] == [day]


def test_an_admin_sees_all_events_by_day_as_of_the_last_refresh(root: Caller, meetup: Event) -> None:
    now = timezone.now()
    Registration.objects.filter(user_id=UUID(int=5)).update(status="registered", registered_at=now)
    assert refresh_view("registration_stats")
    Registration.objects.all().delete()

    answer = root.get("/events/stats/registrations", {"days": 730}).json()

    day = {row.pop("date"): row for row in answer["series"]}
    assert day["2026-03-10"] == {"registrations": 4, "cancellations": 1, "attendance": 1, "no_shows": 0}
    assert day["2026-03-12"] == {"registrations": 0, "cancellations": 0, "attendance": 1, "no_shows": 1}
    assert day[now.date().isoformat()]["registrations"] == 1
    assert answer["refreshed_at"] >= now.isoformat().replace("+00:00", "Z")
    today = root.get("/events/stats/registrations", {"days": 1}).json()["series"]
    assert [row["date"] for row in today] == [now.date().isoformat()]


def test_an_admin_sees_active_events_by_category_and_month(alice: Caller, root: Caller) -> None:
    first = make_event(alice)
    Event.objects.filter(pk=first.pk).update(current_attendees=3)
    make_event(alice)
    make_event(alice, category="Career")
    make_event(alice, status="draft")
    Event.objects.filter(pk=make_event(alice).pk).update(created_at=in_days(-400))
    Event.objects.filter(pk=make_event(alice).pk).update(category=None)
    assert refresh_view("event_stats")
    month = timezone.now().date().replace(day=1).isoformat()

    answer = root.get("/events/stats").json()

    career = {"category": "Career", "month": month, "total_events": 1, "avg_attendees": 0.0}
    networking = {"category": "Networking", "month": month, "total_events": 2, "avg_attendees": 1.5}
    assert answer["stats"] == [career, networking]
    assert answer["refreshed_at"] is not None
    assert root.get("/events/stats", {"category": "Career"}).json()["stats"] == [career]
    assert len(root.get("/events/stats", {"months": 24}).json()["stats"]) == 3


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/events/stats", {"months": 0}, "months"),
        ("/events/stats", {"months": 121}, "months"),
        ("/events/stats", {"category": "x" * 101}, "category"),
        ("/events/stats", {"category": "\0"}, "category"),
        ("/events/stats/registrations", {"days": "many"}, "days"),
        ("/events/stats/registrations", {"days": 731}, "days"),
    ],
)
def test_a_bad_question_is_refused(root: Caller, path: str, query: dict[str, Any], field: str) -> None:
    answer = root.get(path, query)

    assert (answer.status_code, list(answer.json()["error"]["details"])) == (422, [field])


def test_only_one_at_a_time_refreshes_a_view() -> None:
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_try_advisory_lock(hashtextextended('event_stats', 3))")
        assert refresh_view("event_stats") is False
        assert find_refreshed_at("event_stats") is None
        other.execute("SELECT pg_advisory_unlock(hashtextextended('event_stats', 3))")
        other.connection.close()

    assert refresh_view("event_stats") is True
    assert find_refreshed_at("event_stats") is not None


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_refreshed_beside_its_readers(view: str) -> None:
    """The control: a refresh that is not concurrent waits for them."""
    with connection.copy().cursor() as reader, connection.cursor() as cursor:
        reader.execute(f"BEGIN; SELECT count(*) FROM {view}")
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        try:
            assert refresh_view(view) is True
            with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
                cursor.execute(f"REFRESH MATERIALIZED VIEW {view}")
        finally:
            reader.connection.close()


def test_the_command_and_beat_refresh_all_views(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("refresh_event_stats")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["event_stats", "registration_stats", "event_trends"]

    named = {entry["task"]: entry["schedule"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert len(named["events.tasks.refresh_event_stats"].minute) == 1
    assert len(named["registrations.tasks.refresh_registration_stats"].minute) == 1
    assert len(named["registrations.tasks.refresh_event_trends"].minute) == 6
    tasks.refresh_registration_stats()
    tasks.refresh_event_trends()


def test_the_figures_of_one_event_come_from_its_own_rows(alice: Caller, meetup: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {SERIES_OF_EVENT_SQL}", {"event_id": meetup.id})
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert "event_id = " in plan
