"""The feed of a user's calendar: an address that stands for the user until it is given up."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.signing import Signer
from django.utils import timezone

from events.models import Event
from integrations.users.profiles import remember_removed_user
from meetinity_events.api.removed_users import remember_removed
from registrations import calendar
from registrations.feed_tokens import SALT, write_token
from registrations.models import CalendarFeed, Registration
from registrations.services.close_calendar_feed import close_calendar_feed
from registrations.services.remove_user import remove_user
from tests.factories import Caller, in_days, make_event
from tests.registrations.calendars import components, parse, read_by_both

pytestmark = pytest.mark.django_db


def open_feed(caller: Caller) -> str:
    """The path of the caller's feed, as the gateway forwards it."""
    response = caller.post(f"/events/users/{caller.id}/calendar-feed")
    assert response.status_code in (200, 201)
    url = response.json()["url"]
    assert url.startswith("http://localhost:8080/api/events/calendar/")
    return urlsplit(url).path.removeprefix("/api")


def add_registration(event: Event, user: Caller, status: str = "registered", **fields: Any) -> Registration:
    return Registration.objects.create(event=event, user_id=user.id, status=status, waitlist_number=1, **fields)


def test_the_address_is_the_same_until_it_is_given_up(bob: Caller, anonymous: Caller) -> None:
    path = f"/events/users/{bob.id}/calendar-feed"
    first, second = bob.post(path), bob.post(path)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    old = open_feed(bob)
    assert anonymous.get(old).status_code == 200

    closed = [bob.delete(path).status_code for _ in range(2)]
    assert closed == [204, 204]
    assert anonymous.get(old).status_code == 404

    new = open_feed(bob)
    assert new != old
    assert [anonymous.get(address).status_code for address in (old, new)] == [404, 200]


def test_the_address_names_nobody_and_needs_no_escaping(bob: Caller) -> None:
    address = open_feed(bob)

    assert re.fullmatch(r"/events/calendar/[0-9a-f]{32}\.[\w-]{43}\.ics", address)
    assert bob.id.hex not in address


def test_a_repeat_under_its_key_is_answered_and_not_done_again(bob: Caller) -> None:
    path, key = f"/events/users/{bob.id}/calendar-feed", {"HTTP_IDEMPOTENCY_KEY": "once"}
    first, second = (bob.post(path, **key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert (second["Idempotency-Replayed"], second.json()) == ("true", first.json())

    bob.delete(path)
    gone = bob.post(path, **key)
    assert gone.status_code == 404
    assert CalendarFeed.objects.count() == 0


def test_nobody_opens_anothers_feed(alice: Caller, carol: Caller, root: Caller, anonymous: Caller) -> None:
    path = f"/events/users/{alice.id}/calendar-feed"

    assert [caller.post(path).status_code for caller in (carol, root, anonymous)] == [403, 403, 401]
    assert CalendarFeed.objects.count() == 0


def test_only_an_admin_closes_anothers_feed(alice: Caller, carol: Caller, root: Caller, anonymous: Caller) -> None:
    address, path = open_feed(alice), f"/events/users/{alice.id}/calendar-feed"
    stored = list(CalendarFeed.objects.values())

    assert [caller.delete(path).status_code for caller in (carol, anonymous)] == [403, 401]
    assert list(CalendarFeed.objects.values()) == stored
    assert anonymous.get(address).status_code == 200
    assert root.delete(path).status_code == 204
    assert anonymous.get(address).status_code == 404


def forged_tokens(serial: UUID) -> dict[str, str]:
    good = write_token(serial)
    value, signature = good.split(".")
    return {
        "other serial": f"{uuid4().hex}.{signature}",
        "other signature": f"{value}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        "other salt": Signer(sep=".", salt="another").sign(value),
        "no salt": Signer(sep=".").sign(value),
        "other key": Signer(sep=".", key="k" * 50, salt=SALT).sign(value),
        "no signature": value,
        "empty signature": f"{value}.",
        "upper case": good.upper(),
        "signed nonsense": Signer(sep=".", salt=SALT).sign("nonsense"),
        "long": "a" * 5000,
        "text": "tökén",
        "NUL": "%00",
    }


@pytest.mark.parametrize("forgery", forged_tokens(UUID(int=1)))
def test_a_forged_address_is_not_found_without_a_query(
    forgery: str, bob: Caller, anonymous: Caller, django_assert_num_queries: Any
) -> None:
    open_feed(bob)
    token = forged_tokens(CalendarFeed.objects.get().serial)[forgery]

    with django_assert_num_queries(0):
        response = anonymous.get(f"/events/calendar/{token}.ics")

    assert response.status_code == 404
    assert response.json() == {"error": {"code": 404, "message": "There is no such calendar.", "details": {}}}


def test_a_token_of_ours_without_a_feed_is_not_found(anonymous: Caller) -> None:
    assert anonymous.get(f"/events/calendar/{write_token(uuid4())}.ics").status_code == 404


def test_a_removed_users_feed_is_gone(bob: Caller, anonymous: Caller) -> None:
    address = open_feed(bob)

    remember_removed_user(user_id=bob.id, at=timezone.now())

    assert anonymous.get(address).status_code == 404
    refused = bob.post(f"/events/users/{bob.id}/calendar-feed")
    assert (refused.status_code, refused.json()["error"]["details"]) == (403, {"reason": ["user_removed"]})
    assert close_calendar_feed(user_id=bob.id) is True
    assert close_calendar_feed(user_id=bob.id) is False


def test_a_removed_user_is_refused_at_the_door(bob: Caller) -> None:
    remember_removed([bob.id])

    assert bob.post(f"/events/users/{bob.id}/calendar-feed").status_code == 403
    assert CalendarFeed.objects.count() == 0


def test_the_feed_holds_what_the_user_takes_part_in_and_organises(
    alice: Caller, bob: Caller, anonymous: Caller
) -> None:
    going, waiting, left = (make_event(alice, title=title) for title in ("going", "waiting", "left"))
    came, own = make_event(alice, start_date=in_days(-30)), make_event(bob, title="own")
    make_event(alice, title="of others")
    make_event(bob, title="draft", status="draft")
    for event, status in ((going, "registered"), (waiting, "waitlisted"), (left, "cancelled"), (came, "attended")):
        add_registration(event, bob, status)

    found = components(anonymous.get(open_feed(bob)))

    assert {key: event["STATUS"] for key, event in found.items()} == {
        going.id: "CONFIRMED",
        waiting.id: "TENTATIVE",
        came.id: "CONFIRMED",
        own.id: "CONFIRMED",
    }


def test_an_event_that_was_cancelled_stays_for_who_was_going(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice)
    for guest in (bob, carol):
        guest.post(f"/events/{event.id}/register")
    carol.delete(f"/events/{event.id}/register")
    alice.post(f"/events/{event.id}/cancel", {"reason": "rain"})

    found = [read_by_both(caller.get(open_feed(caller))) for caller in (alice, bob, carol)]

    assert [[(read.status, read.sequence) for read in feed] for feed in found] == [[("CANCELLED", 1)]] * 2 + [[]]


def test_the_past_ends_after_ninety_days(alice: Caller, bob: Caller) -> None:
    recent = make_event(alice, start_date=in_days(-89))
    ended_lately = make_event(alice, start_date=in_days(-200), end_date=in_days(-80))
    old = make_event(alice, start_date=in_days(-91))
    ended_long_ago = make_event(alice, start_date=in_days(-200), end_date=in_days(-95))
    for event in (recent, ended_lately, old, ended_long_ago):
        add_registration(event, bob)

    expected = {recent.id, ended_lately.id}
    assert set(components(bob.get(open_feed(bob)))) == expected
    assert set(components(alice.get(open_feed(alice)))) == expected


@pytest.mark.parametrize("status", ["rejected", "pending", "archived"])
def test_what_moderation_hid_is_on_no_feed(alice: Caller, bob: Caller, status: str) -> None:
    event = make_event(alice)
    add_registration(event, bob)
    Event.objects.filter(pk=event.pk).update(status=status)

    assert [components(caller.get(open_feed(caller))) for caller in (alice, bob)] == [{}, {}]


def test_the_virtual_link_is_for_who_has_a_seat_or_organises(alice: Caller, bob: Caller, carol: Caller) -> None:
    link = "https://meet.example.com/secret"
    event = make_event(alice, is_virtual=True, virtual_link=link)
    add_registration(event, bob)
    add_registration(event, carol, "waitlisted")

    shown = [components(caller.get(open_feed(caller)))[event.id].get("CONFERENCE") for caller in (alice, bob, carol)]

    assert shown == [link, link, None]


def test_an_organiser_who_registers_has_the_event_once(alice: Caller) -> None:
    event = make_event(alice)
    add_registration(event, alice, "waitlisted")

    assert {key: found["STATUS"] for key, found in components(alice.get(open_feed(alice))).items()} == {
        event.id: "CONFIRMED"
    }


def test_calendars_learn_when_to_ask_again(bob: Caller, anonymous: Caller) -> None:
    response = anonymous.get(open_feed(bob))
    text = response.content.decode()

    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert parse(response)["X-WR-CALNAME"] == "Meetinity"
    assert response["Content-Disposition"] == 'inline; filename="meetinity.ics"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_each_zone_is_described_once(alice: Caller, bob: Caller) -> None:
    zones = ["Europe/Paris", "Asia/Kolkata", "Europe/Paris", "UTC"]
    for days, zone in enumerate(zones):
        add_registration(make_event(alice, timezone=zone, start_date=in_days(days + 1)), bob)

    response = bob.get(open_feed(bob))

    assert [zone["TZID"] for zone in parse(response).walk("VTIMEZONE")] == ["Asia/Kolkata", "Europe/Paris"]
    assert len(read_by_both(response)) == 4


def test_a_feed_is_four_queries_however_many_events(
    alice: Caller, bob: Caller, anonymous: Caller, django_assert_num_queries: Callable[[int], Any]
) -> None:
    address = open_feed(bob)
    for _ in range(3):
        add_registration(make_event(alice), bob)
        make_event(bob)

    with django_assert_num_queries(4):
        assert len(components(anonymous.get(address))) == 6


def test_a_feed_ends_with_its_oldest_events(alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "MAX_ENTRIES", 3)
    events = [make_event(organiser, start_date=in_days(days)) for days, organiser in enumerate([alice, bob] * 3)]
    for event in events[::2]:
        add_registration(event, bob)

    assert list(components(bob.get(open_feed(bob)))) == [event.id for event in events[3:]]


def test_a_token_of_a_caller_neither_helps_nor_hinders(bob: Caller, anonymous: Caller) -> None:
    address = open_feed(bob)

    answers = [anonymous.get(address, HTTP_AUTHORIZATION=header).status_code for header in ("Bearer x", "Basic eDp5")]

    assert answers == [200, 200]
    assert [anonymous.call(method, address).status_code for method in ("HEAD", "OPTIONS", "POST", "DELETE")] == [
        *(200, 200, 405, 405)
    ]


def test_removing_a_user_gives_the_address_up(bob: Caller) -> None:
    open_feed(bob)

    remove_user(user_id=bob.id, at=timezone.now())

    assert not CalendarFeed.objects.exists()
