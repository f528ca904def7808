"""What the lists and pages of events, registrations, categories and profiles show, find and count."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.formats import localize
from django.utils.timezone import localtime

from categories.models import Category
from events.models import Event
from integrations.models import UserProfile
from meetinity_events import admin as desk
from registrations.models import Registration
from tests.admin.desk import address_of, cells, listed, page_of
from tests.factories import Caller, in_days, make_event

pytestmark = pytest.mark.django_db

STRANGE_ID = UUID("7b0f2f0e-7a54-4b6a-9a35-2f8f3a0f5a11")


def test_the_list_of_events_shows_state_seats_category_start_and_organiser(staff: Client, alice: Caller) -> None:
    event = make_event(alice, max_attendees=20, start_date=datetime(2030, 5, 6, 18, 30, tzinfo=UTC))
    Event.objects.filter(pk=event.pk).update(current_attendees=3)
    open_end = make_event(
        alice, title="Open <b>", status="draft", category="Workshop", start_date=datetime(2030, 1, 2, tzinfo=UTC)
    )
    Event.objects.filter(pk=open_end.pk).update(created_by=STRANGE_ID)

    assert cells(staff, Event) == [
        ["Open <b>", "Draft", "0 of unlimited", "Workshop", "2030-01-02 00:00", str(STRANGE_ID)],
        ["Tech Networking Meetup", "Active", "3 of 20", "Networking", "2030-05-06 18:30", "101"],
    ]


def test_events_are_filtered_by_state_category_place_and_start(staff: Client, alice: Caller) -> None:
    first = make_event(alice, start_date=datetime(2030, 5, 6, 18, 30, tzinfo=UTC))
    second = make_event(alice, status="draft", category="Workshop", start_date=datetime(2031, 5, 6, 18, 30, tzinfo=UTC))
    Event.objects.filter(pk=second.pk).update(is_virtual=True)
    workshop = Category.objects.get(name="Workshop")

    assert listed(staff, Event) == [second.pk, first.pk]
    for query in (
        "?status__exact=draft",
        f"?category_ref__id__exact={workshop.pk}",
        "?is_virtual__exact=1",
        "?start_date__year=2031",
        f"?q={second.pk}",
    ):
        assert listed(staff, Event, query) == [second.pk]


@pytest.mark.parametrize("term", ["networking", "MEETUP tech", "francisco"])
def test_events_are_found_by_a_part_of_title_or_location(staff: Client, alice: Caller, term: str) -> None:
    event = make_event(alice)
    make_event(alice, title="2030", location="Lyon")

    assert listed(staff, Event, f"?q={term}") == [event.pk]


def test_digits_are_looked_for_in_titles(staff: Client, alice: Caller) -> None:
    make_event(alice)
    event = make_event(alice, title="The 2030 summit")

    assert listed(staff, Event, "?q=2030") == [event.pk]


def test_events_are_found_by_their_organiser(staff: Client, alice: Caller, bob: Caller) -> None:
    make_event(alice)
    event = make_event(bob)

    assert listed(staff, Event, f"?q={bob.id}") == [event.pk]


def test_the_page_of_an_event_counts_its_registrations_and_leads_to_them(
    staff: Client, alice: Caller, bob: Caller, carol: Caller
) -> None:
    event, other = make_event(alice), make_event(alice)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register")
    carol.delete(f"/events/{event.id}/register")
    query = f"?event__id__exact={event.pk}"

    assert f'<a href="{address_of(Registration, query)}">1 registered, 1 cancelled</a>' in page_of(staff, event)
    assert f'<a href="{address_of(Registration)}?event__id__exact={other.pk}">none</a>' in page_of(staff, other)
    assert cells(staff, Registration, query) == [
        ["103", "Tech Networking Meetup", "Active", "Cancelled", shown_time(carol)],
        ["102", "Tech Networking Meetup", "Active", "Registered", shown_time(bob)],
    ]


def shown_time(guest: Caller) -> str:
    """When the guest registered, as the admin writes it."""
    return str(localize(localtime(Registration.objects.get(user_id=guest.id).registered_at)))


def test_registrations_are_filtered_by_their_state_the_events_and_the_date(
    staff: Client, alice: Caller, bob: Caller, carol: Caller
) -> None:
    event, over = make_event(alice), make_event(alice, title="Over")
    bob.post(f"/events/{event.id}/register")
    carol.post(f"/events/{over.id}/register")
    here, there = Registration.objects.get(user_id=bob.id), Registration.objects.get(user_id=carol.id)
    Event.objects.filter(pk=over.pk).update(status="completed")
    Registration.objects.filter(pk=there.pk).update(status="attended", registered_at=in_days(-400))

    assert listed(staff, Registration) == [there.pk, here.pk]
    for query in (
        "?status__exact=registered",
        "?event_status=active",
        f"?registered_at__gte={quote(str(in_days(-1)))}",
    ):
        assert listed(staff, Registration, query) == [here.pk]
    for query in ("?status__exact=attended", "?event_status=completed", "?q=103", f"?q={carol.id}", "?q=over"):
        assert listed(staff, Registration, query) == [there.pk]
    for query in (f"?q={over.pk}", f"?q={there.pk}"):
        assert listed(staff, Registration, query) == [there.pk]
    assert listed(staff, Registration, "?q=104") == []


def test_a_removed_user_is_marked_and_found(staff: Client, bob: Caller, carol: Caller) -> None:
    UserProfile.objects.create(user_id=bob.id, location="Paris", industry="Tech", profile_at=in_days(-1))
    UserProfile.objects.create(user_id=carol.id, profile_at=in_days(-2), removed_at=in_days(-2))

    assert [row[:4] for row in cells(staff, UserProfile)] == [
        ["102", "Present", "Paris", "Tech"],
        ["103", "Removed", "-", "-"],
    ]
    assert listed(staff, UserProfile, "?account=removed") == [carol.id]
    assert listed(staff, UserProfile, "?account=present") == [bob.id]
    assert listed(staff, UserProfile, "?q=103") == [carol.id]
    assert listed(staff, UserProfile, "?q=paris") == [bob.id]


def test_a_long_list_is_counted_no_further_than_it_says(
    staff: Client, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ROWS_COUNTED", 3)
    for _ in range(3):
        make_event(alice)
    with CaptureQueriesContext(connection) as queries:
        response = staff.get(address_of(Event))

    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert len(counts) == 1
    assert "LIMIT 3" in counts[0]
    assert "ORDER BY" not in counts[0]
    assert response.context["cl"].title == "The first 3 events; a filter or a search finds others"


def test_a_short_list_has_djangos_title(staff: Client, alice: Caller) -> None:
    make_event(alice)

    assert staff.get(address_of(Event)).context["cl"].title == "Select event to view"


@pytest.mark.parametrize(
    "query", ["?q=%00", "?status__exact=%00", "?event_status=%00", "?category_ref__id__exact=%00", "?p=%00"]
)
def test_a_nul_byte_is_a_bad_request(staff: Client, query: str) -> None:
    assert staff.get(address_of(Event, query)).status_code == 400


@pytest.mark.parametrize(
    "query", ["?p=999", "?p=x", "?category_ref__id__exact=x", "?start_date__year=99999", "?all=1", "?_facets=True"]
)
def test_an_odd_address_shows_a_list_all_the_same(staff: Client, alice: Caller, query: str) -> None:
    make_event(alice)

    assert staff.get(address_of(Event, query), follow=True).status_code == 200


def test_groups_stay_editable(staff: Client) -> None:
    data: dict[str, Any] = {"name": "moderators"}
    staff.post(address_of(Group, "add/"), data)

    assert Group.objects.get().name == "moderators"
