"""An event as a calendar file that other programs understand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.models import Event
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event
from tests.registrations.calendars import Read, component, parse, read_by_both

pytestmark = pytest.mark.django_db
LINK = "https://meet.example.com/secret"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_calendar_says_what_the_event_says(alice: Caller, bob: Caller, settings: Any) -> None:
    settings.API_GATEWAY_URL = "https://api.meetinity.example"
    event = make_event(
        alice,
        title="Tea, biscuits; and \\more",
        description="First line\nsecond line: " + "é" * 200,
        latitude="48.85837",
        longitude="2.294481",
        tags=["tea", "a,b"],
        end_date=in_days(8),
        timezone="Europe/Paris",
    )

    response = bob.get(f"/events/{event.id}/calendar.ics")
    calendar, found = parse(response), component(response, event)

    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["PRODID"] == "-//Meetinity//Event Service//EN"
    assert {
        name: found[name] for name in ("UID", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION", "URL")
    } == {
        "UID": f"{event.id}@meetinity",
        "SEQUENCE": 0,
        "STATUS": "CONFIRMED",
        "SUMMARY": event.title,
        "DESCRIPTION": event.description,
        "LOCATION": "San Francisco, CA",
        "URL": f"https://api.meetinity.example/api/events/{event.id}",
    }
    assert (found["GEO"].latitude, found["GEO"].longitude) == (48.85837, 2.294481)
    assert found["CATEGORIES"].cats == ["Networking", "tea", "a,b"]
    assert found["LAST-MODIFIED"].dt == event.updated_at.replace(microsecond=0)
    assert found["DTSTAMP"].dt.tzinfo is not None
    assert {"ORGANIZER", "ATTENDEE", "CONFERENCE"} & set(found) == set()
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    assert response["Content-Disposition"] == 'attachment; filename="tea-biscuits-and-more.ics"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_an_edit_keeps_the_uid_and_raises_the_sequence(alice: Caller) -> None:
    event = make_event(alice)
    first = component(alice.get(f"/events/{event.id}/calendar.ics"), event)

    alice.patch(f"/events/{event.id}", {"title": "New"})
    event.refresh_from_db()
    second = component(alice.get(f"/events/{event.id}/calendar.ics"), event)

    assert (first["UID"], first["SEQUENCE"]) == (second["UID"], 0)
    assert (second["SEQUENCE"], second["SUMMARY"]) == (1, "New")
    assert second["LAST-MODIFIED"].dt == event.updated_at.replace(microsecond=0)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Paris", "Asia/Kolkata", "UTC"])
def test_a_cancelled_event_is_read_by_two_other_programs(alice: Caller, zone: str) -> None:
    event = make_event(alice, timezone=zone, start_date=at("2030-03-10T05:30:00Z"), end_date=at("2030-03-31T20:15:30Z"))
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})

    assert read_by_both(alice.get(f"/events/{event.id}/calendar.ics")) == [
        Read(f"{event.id}@meetinity", 1, "CANCELLED", event.start_date, event.end_date)
    ]


# The clocks go forward and back in 2030 in New York on 10 March and 3 November, in Paris on 31 March and 27 October.
AROUND_THE_CHANGES = [
    ("America/New_York", "2030-03-10T06:59:59Z", "20300310T015959"),
    ("America/New_York", "2030-03-10T07:00:00Z", "20300310T030000"),
    ("America/New_York", "2030-03-10T07:30:00Z", "20300310T033000"),
    ("America/New_York", "2030-11-03T05:30:00Z", "20301103T013000"),
    ("America/New_York", "2030-11-03T06:30:00Z", "20301103T063000Z"),  # half past one for the second time
    ("America/New_York", "2030-11-03T07:00:00Z", "20301103T020000"),
    ("Europe/Paris", "2030-03-31T00:30:00Z", "20300331T013000"),
    ("Europe/Paris", "2030-03-31T01:00:00Z", "20300331T030000"),
    ("Europe/Paris", "2030-10-27T00:30:00Z", "20301027T023000"),
    ("Europe/Paris", "2030-10-27T01:30:00Z", "20301027T013000Z"),
    ("Europe/Paris", "2030-10-27T02:00:00Z", "20301027T030000"),
    ("Asia/Kolkata", "2030-03-31T00:30:00Z", "20300331T060000"),
    ("Asia/Kolkata", "2030-12-31T18:30:00Z", "20310101T000000"),
    ("UTC", "2030-03-31T00:30:00Z", "20300331T003000Z"),
]


@pytest.mark.parametrize(("zone", "instant", "written"), AROUND_THE_CHANGES)
def test_every_instant_around_a_change_of_the_clocks_arrives(
    alice: Caller, zone: str, instant: str, written: str
) -> None:
    event = make_event(alice, timezone=zone, start_date=at(instant))
    response = alice.get(f"/events/{event.id}/calendar.ics")

    (read,) = read_by_both(response)

    assert read.start == at(instant)
    parameter = "" if written.endswith("Z") else f";TZID={zone}"
    assert f"DTSTART{parameter}:{written}\r\n" in response.content.decode()
    assert [zone["TZID"] for zone in parse(response).walk("VTIMEZONE")] == ([zone] if parameter else [])


def test_an_end_beside_a_start_in_the_hour_that_comes_twice_is_in_utc_too(alice: Caller) -> None:
    start = at("2030-11-03T06:30:00Z")
    event = make_event(alice, timezone="America/New_York", start_date=start, end_date=start + timedelta(hours=9))

    found = component(alice.get(f"/events/{event.id}/calendar.ics"), event)

    assert [found[name].to_ical() for name in ("DTSTART", "DTEND")] == [b"20301103T063000Z", b"20301103T153000Z"]


def test_an_event_without_an_end_is_a_moment(alice: Caller) -> None:
    event = make_event(alice)

    found = component(alice.get(f"/events/{event.id}/calendar.ics"), event)

    assert {"DTEND", "DURATION"} & set(found) == set()
    assert found["DTSTART"].dt == event.start_date


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date": datetime(9999, 12, 30, tzinfo=UTC)},
        {"start_date": datetime(1970, 1, 2, tzinfo=UTC)},
        {"end_date": datetime(9999, 12, 30, tzinfo=UTC)},
    ],
)
def test_dates_at_the_ends_of_time_are_written(alice: Caller, fields: dict[str, datetime]) -> None:
    event = make_event(alice, timezone="Pacific/Auckland", **fields)

    (read,) = read_by_both(alice.get(f"/events/{event.id}/calendar.ics"))

    assert (read.start, read.end) == (event.start_date, event.end_date)


def test_a_zone_that_the_database_no_longer_has_is_utc(alice: Caller) -> None:
    event = make_event(alice, timezone="Mars/Olympus_Mons")

    response = alice.get(f"/events/{event.id}/calendar.ics")

    assert component(response, event)["DTSTART"].to_ical() == f"{event.start_date:%Y%m%dT%H%M%SZ}".encode()
    assert parse(response).walk("VTIMEZONE") == []


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_text_begins_a_line_of_its_own(alice: Caller, line_end: str) -> None:
    text = f"Tea{line_end}END:VEVENT{line_end}BEGIN:VEVENT{line_end}UID:forged"
    event = make_event(alice, title=text, description=text, location=text)

    response = alice.get(f"/events/{event.id}/calendar.ics")

    (read,) = read_by_both(response)
    assert read.uid == f"{event.id}@meetinity"
    assert "UID:forged" not in response.content.decode().splitlines()
    assert component(response, event)["SUMMARY"] == "Tea\nEND:VEVENT\nBEGIN:VEVENT\nUID:forged"


def test_control_characters_are_left_out(alice: Caller) -> None:
    event = make_event(alice, title="a\x01b\x1b[0mc\x7f\td \U0001f469\u200d\U0001f4bb")

    found = component(alice.get(f"/events/{event.id}/calendar.ics"), event)

    assert found["SUMMARY"] == "ab[0mc\td \U0001f469\u200d\U0001f4bb"


def make_virtual_event(organiser: Caller) -> Event:
    return make_event(organiser, is_virtual=True, virtual_link=LINK, location=None)


def shows_link(caller: Caller, event: Event) -> bool:
    response = caller.get(f"/events/{event.id}/calendar.ics")
    found = component(response, event)
    is_shown = LINK in response.content.decode().replace("\r\n ", "")
    assert is_shown == ("CONFERENCE" in found) == ("LOCATION" in found)
    return is_shown


@pytest.mark.parametrize("status", ["registered", "attended", "no_show"])
def test_the_virtual_link_is_for_who_has_a_seat(alice: Caller, bob: Caller, root: Caller, status: str) -> None:
    event = make_virtual_event(alice)
    Registration.objects.create(event=event, user_id=bob.id, status=status)

    assert [shows_link(caller, event) for caller in (alice, root, bob)] == [True, True, True]


@pytest.mark.parametrize("status", ["waitlisted", "cancelled"])
def test_the_virtual_link_is_for_nobody_else(alice: Caller, bob: Caller, carol: Caller, status: str) -> None:
    event = make_virtual_event(alice)
    Registration.objects.create(event=event, user_id=bob.id, status=status, waitlist_number=1)

    assert [shows_link(caller, event) for caller in (bob, carol)] == [False, False]


def test_who_waits_may_come(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice)
    Registration.objects.create(event=event, user_id=bob.id, status="waitlisted", waitlist_number=1)

    path = f"/events/{event.id}/calendar.ics"
    states = [component(caller.get(path), event)["STATUS"] for caller in (bob, carol, alice)]

    assert states == ["TENTATIVE", "CONFIRMED", "CONFIRMED"]


def test_a_draft_is_tentative_and_its_organisers_alone(alice: Caller, carol: Caller, anonymous: Caller) -> None:
    draft = make_event(alice, status="draft")
    path = f"/events/{draft.id}/calendar.ics"

    assert component(alice.get(path), draft)["STATUS"] == "TENTATIVE"
    assert [caller.get(path).status_code for caller in (carol, anonymous)] == [404, 401]


def test_it_takes_two_queries(alice: Caller, bob: Caller, django_assert_num_queries: Any) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    with django_assert_num_queries(2):
        bob.get(f"/events/{event.id}/calendar.ics")
