"""At the door: by ticket or by name, and once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from events.models import Event
from integrations.models import UserProfile
from registrations.models import Registration
from registrations.tickets import write_ticket
from tests.factories import Caller, in_days, messages, snapshot
from tests.registrations.evening import make_evening

pytestmark = pytest.mark.django_db

ATTENDED = "event.registration.attended"
UNDONE = "event.registration.attendance_undone"


def registration_of(guest: Caller, event: Event) -> Registration:
    return Registration.objects.get(event=event, user_id=guest.id)


def token_of(guest: Caller, event: Event) -> str:
    return write_ticket(registration_of(guest, event))


def reason(response: Any) -> tuple[int, Any]:
    return response.status_code, response.json()["error"]["details"].get("reason")


def test_a_ticket_checks_its_bearer_in_and_says_so(
    alice: Caller, bob: Caller, django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    event = make_evening(alice, bob)
    token = token_of(bob, event)

    with django_assert_num_queries(7):  # two of them make the test's savepoint
        response = alice.post(f"/events/{event.id}/check-in", {"token": token})

    row = registration_of(bob, event)
    assert (response.status_code, response.json()) == (
        201,
        {
            "id": str(row.id),
            "event_id": str(event.id),
            "user_id": str(bob.id),
            "status": "attended",
            "registration_data": None,
            "registered_at": as_text(row.registered_at),
            "updated_at": as_text(row.updated_at),
            "checked_in_at": as_text(row.updated_at),
            "checked_in_by": str(alice.id),
            "check_in_method": "token",
            "already_checked_in": False,
        },
    )
    (message,) = messages(ATTENDED)
    assert {name: value for name, value in message.items() if name != "timestamp"} == {
        "event_type": ATTENDED,
        "event_id": str(event.id),
        "user_id": str(bob.id),
        "registration_id": str(row.id),
        "event_category": "Networking",
        "event_tags": [],
    }
    assert Event.objects.get().current_attendees == 1


def as_text(moment: datetime | None) -> str:
    assert moment is not None
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("form", ["102", 102, "00000000-0000-0000-0000-000000000066"])
def test_a_name_does_it_too_in_any_of_the_platforms_forms(alice: Caller, bob: Caller, form: Any) -> None:
    event = make_evening(alice, bob)

    response = alice.post(f"/events/{event.id}/check-in", {"user_id": form})

    assert (response.status_code, response.json()["check_in_method"]) == (201, "user_id")
    assert registration_of(bob, event).status == "attended"


def test_a_second_scan_answers_the_first_time_and_changes_nothing(alice: Caller, bob: Caller, root: Caller) -> None:
    event = make_evening(alice, bob)
    first = alice.post(f"/events/{event.id}/check-in", {"token": token_of(bob, event)}).json()
    before = snapshot(event)

    again = root.post(f"/events/{event.id}/check-in", {"token": token_of(bob, event)})
    by_name = alice.post(f"/events/{event.id}/check-in", {"user_id": str(bob.id)})

    assert (again.status_code, again.json()) == (200, {**first, "already_checked_in": True})
    assert (by_name.status_code, by_name.json()) == (200, again.json())
    assert snapshot(event) == before


def test_the_same_request_again_is_answered_as_the_first_time(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    body, key = {"token": token_of(bob, event)}, {"HTTP_IDEMPOTENCY_KEY": "scan-1"}
    first = alice.post(f"/events/{event.id}/check-in", body, **key)
    before = snapshot(event)

    again = alice.post(f"/events/{event.id}/check-in", body, **key)
    another_scan = alice.post(f"/events/{event.id}/check-in", body, HTTP_IDEMPOTENCY_KEY="scan-2")

    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert (another_scan.status_code, another_scan.json()["already_checked_in"]) == (200, True)
    assert alice.post(f"/events/{event.id}/check-in", {"user_id": 102}, **key).status_code == 422
    assert snapshot(event) == before


def test_who_was_given_up_may_still_come(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob, starts_in=-timedelta(hours=1))
    alice.post(f"/events/{event.id}/attendance", {"no_show": [102]})

    assert alice.post(f"/events/{event.id}/check-in", {"user_id": 102}).status_code == 201
    assert registration_of(bob, event).status == "attended"
    assert [message["event_type"] for message in messages()][-2:] == ["event.registration.no_show", ATTENDED]


@pytest.mark.parametrize("body", [{}, {"token": "x", "user_id": 1}, {"token": ""}, {"token": None}, {"token": 5.5}])
@pytest.mark.parametrize("more", [{}, {"user_id": True}, {"user_id": -1}, {"user_id": []}, {"user_id": ""}])
def test_a_body_names_one_guest(alice: Caller, bob: Caller, body: dict[str, Any], more: dict[str, Any]) -> None:
    event = make_evening(alice, bob)
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/check-in", {**body, **more}).status_code == 422
    assert snapshot(event) == before


@pytest.mark.parametrize("forge", [lambda t: t[:-1], lambda t: t + "A", lambda t: "B" + t[1:], lambda t: "x" * len(t)])
def test_a_forged_ticket_is_422(alice: Caller, bob: Caller, forge: Any) -> None:
    event = make_evening(alice, bob)
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/check-in", {"token": forge(token_of(bob, event))})

    assert reason(response) == (422, ["ticket_invalid"])
    assert snapshot(event) == before


def test_a_token_of_the_platform_is_no_ticket(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    assert bob.principal is not None

    assert reason(alice.post(f"/events/{event.id}/check-in", {"token": bob.principal.token})) in (
        (422, ["ticket_invalid"]),
        (422, None),
    )


def test_a_ticket_of_another_event_is_409(alice: Caller, bob: Caller) -> None:
    event, other = make_evening(alice, bob), make_evening(alice, bob)
    before = snapshot(event), snapshot(other)

    response = alice.post(f"/events/{event.id}/check-in", {"token": token_of(bob, other)})

    assert reason(response) == (409, ["ticket_of_another_event"])
    assert (snapshot(event), snapshot(other)) == before


def test_a_ticket_of_an_earlier_registration_is_409(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    old = token_of(bob, event)
    Registration.objects.update(times_registered=2)
    before = snapshot(event)

    assert reason(alice.post(f"/events/{event.id}/check-in", {"token": old})) == (409, ["ticket_replaced"])
    assert snapshot(event) == before
    assert alice.post(f"/events/{event.id}/check-in", {"token": token_of(bob, event)}).status_code == 201


@pytest.mark.parametrize("state", [{"status": "cancelled"}, {"status": "waitlisted", "waitlist_number": 1}])
def test_who_holds_no_seat_is_409(alice: Caller, bob: Caller, state: dict[str, Any]) -> None:
    event = make_evening(alice, bob)
    Registration.objects.update(**state)
    before = snapshot(event)

    for body in ({"token": token_of(bob, event)}, {"user_id": 102}):
        assert reason(alice.post(f"/events/{event.id}/check-in", body)) == (409, ["no_seat"])
    assert snapshot(event) == before


def test_who_never_registered_is_404(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_evening(alice, bob)
    ghost = write_ticket(Registration(id=uuid4(), times_registered=1))
    before = snapshot(event)

    for body in ({"token": ghost}, {"user_id": str(carol.id)}):
        assert alice.post(f"/events/{event.id}/check-in", body).status_code == 404
    assert snapshot(event) == before


HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("starts_in", "answer"),
    [
        (24 * HOUR + MINUTE, (409, ["check_in_not_open"])),
        (24 * HOUR - MINUTE, 201),
        (-(3 + 24) * HOUR + MINUTE, 201),
        (-(3 + 24) * HOUR - MINUTE, (409, ["check_in_closed"])),
    ],
)
def test_check_in_has_a_first_and_a_last_moment(alice: Caller, bob: Caller, starts_in: timedelta, answer: Any) -> None:
    event = make_evening(alice, bob, starts_in=starts_in)
    before = snapshot(event)

    response = alice.post(f"/events/{event.id}/check-in", {"token": token_of(bob, event)})

    assert (response.status_code if answer == 201 else reason(response)) == answer
    assert (snapshot(event) == before) == (answer != 201)


def test_an_event_without_an_end_takes_a_day(alice: Caller, bob: Caller) -> None:
    for hours, status in ((-47, 201), (-49, 409)):
        event = make_evening(alice, bob, starts_in=hours * HOUR)
        Event.objects.filter(pk=event.pk).update(end_date=None)

        assert alice.post(f"/events/{event.id}/check-in", {"user_id": 102}).status_code == status


def test_the_grace_is_a_setting(alice: Caller, bob: Caller, settings: Any) -> None:
    settings.ATTENDANCE_GRACE_HOURS = 0
    event = make_evening(alice, bob, starts_in=-3 * HOUR - MINUTE)

    assert reason(alice.post(f"/events/{event.id}/check-in", {"user_id": 102})) == (409, ["check_in_closed"])


@pytest.mark.parametrize(
    ("state", "status"), [("completed", 201), ("cancelled", 409), ("draft", 409), ("pending", 409), ("archived", 409)]
)
def test_only_what_takes_place_has_a_door(alice: Caller, bob: Caller, state: str, status: int) -> None:
    event = make_evening(alice, bob)
    Event.objects.update(status=state)

    assert alice.post(f"/events/{event.id}/check-in", {"user_id": 102}).status_code == status


def test_strangers_and_guests_check_nobody_in(
    alice: Caller, bob: Caller, carol: Caller, anonymous: Caller, root: Caller
) -> None:
    event = make_evening(alice, bob)
    body, path = {"token": token_of(bob, event)}, f"/events/{event.id}/check-in"
    row = registration_of(bob, event)
    before = snapshot(event)

    assert [caller.post(path, body).status_code for caller in (carol, bob, anonymous)] == [403, 403, 401]
    undo = f"/events/{event.id}/registrations/{row.id}/check-in"
    assert [caller.delete(undo).status_code for caller in (carol, bob, anonymous)] == [403, 403, 401]
    assert snapshot(event) == before
    assert root.post(path, body).json()["checked_in_by"] == str(root.id)


def test_an_organiser_who_was_removed_checks_nobody_in(alice: Caller, bob: Caller) -> None:
    event = make_evening(alice, bob)
    UserProfile.objects.create(user_id=alice.id, profile_at=in_days(0), removed_at=in_days(0))
    before = snapshot(event)

    assert alice.post(f"/events/{event.id}/check-in", {"user_id": 102}).status_code == 403
    assert snapshot(event) == before
