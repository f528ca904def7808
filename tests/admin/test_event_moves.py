"""Moderators publish, complete and cancel events: through the services, as they saw them, and on the record."""

from collections.abc import Iterator

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test import Client, RequestFactory

from events.models import Event
from integrations.models import UserProfile
from meetinity_events.admin import principal_of
from meetinity_events.api.principal import parse_subject
from registrations.models import Registration
from tests.admin.desk import act, address_of, edit, log, move, page_of, see, told
from tests.factories import Caller, in_days, make_event, messages, snapshot

pytestmark = pytest.mark.django_db


def test_cancelling_asks_for_the_reason_and_lists_what_it_affects(staff: Client, alice: Caller, bob: Caller) -> None:
    event, draft = make_event(alice, max_attendees=20), make_event(alice, title="A draft", status="draft")
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event), snapshot(draft)

    response = act(staff, "cancel_events", event, draft, seen=see(event, draft))

    assert (response.status_code, response.templates[0].name) == (200, "admin/events/event/move.html")
    page = " ".join(response.content.decode().split())
    assert "<h1>Cancel 2 events</h1>" in page
    assert "1 registration will end." in page
    for text in ("Tech Networking Meetup</a>", "A draft</a>", "<td>Active</td>", "<td>Draft</td>", "<td>1 of 20</td>"):
        assert text in page
    for value in see(event, draft):
        assert f'<input type="hidden" name="seen" value="{value}">' in page
    assert (snapshot(event), snapshot(draft), log()) == (*before, [])


def test_a_confirmed_cancellation_ends_the_event_and_tells_the_world_and_the_log(
    staff: Client, alice: Caller, bob: Caller
) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    assert move(staff, "cancel_events", event, reason="The venue burnt down") == ["Tech Networking Meetup: cancelled."]

    event.refresh_from_db()
    assert (event.status, event.current_attendees, event.version) == ("cancelled", 0, 2)
    assert Registration.objects.get().status == "cancelled"
    (message,) = messages("event.cancelled")
    assert (message["reason"], message["affected_users"]) == ("The venue burnt down", [str(bob.id)])
    assert log() == [("root", str(event.pk), "Cancelled. Reason: The venue burnt down")]
    assert LogEntry.objects.get().action_flag == CHANGE
    assert (
        "Cancelled. Reason: The venue burnt down"
        in staff.get(address_of(Event, f"{event.pk}/history/")).content.decode()
    )


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("", "This field is required."),
        ("  ", "This field is required."),
        ("nul\0", "Null characters are not allowed."),
        ("x" * 1001, "Ensure this value has at most 1000 characters (it has 1001)."),
    ],
)
def test_a_cancellation_without_a_good_reason_asks_again(staff: Client, alice: Caller, reason: str, error: str) -> None:
    event = make_event(alice)
    before = snapshot(event)

    response = act(staff, "cancel_events", event, seen=see(event), confirmed="yes", reason=reason)

    assert response.templates[0].name == "admin/events/event/move.html"
    assert response.context["form"].errors == {"reason": [error]}
    assert (snapshot(event), log()) == (before, [])


def test_publishing_opens_a_draft_and_needs_no_reason(staff: Client, alice: Caller) -> None:
    event = make_event(alice, status="draft")

    assert move(staff, "publish_events", event) == ["Tech Networking Meetup: published."]

    event.refresh_from_db()
    assert (event.status, event.version) == ("active", 2)
    assert [message["event_id"] for message in messages("event.created")] == [str(event.pk)]
    assert log() == [("root", str(event.pk), "Published.")]


def test_completing_closes_what_has_begun_and_keeps_a_reason(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    Event.objects.update(start_date=in_days(-1))

    assert move(staff, "complete_events", event, reason="It was fine") == ["Tech Networking Meetup: completed."]

    event.refresh_from_db()
    assert event.status == "completed"
    assert [message["event_id"] for message in messages("event.completed")] == [str(event.pk)]
    assert log() == [("root", str(event.pk), "Completed. Reason: It was fine")]


def test_a_refused_event_does_not_hold_up_the_others(staff: Client, alice: Caller) -> None:
    first, refused, last = (make_event(alice, title=title, status="draft") for title in ("First", "Refused", "Last"))
    Event.objects.filter(pk=refused.pk).update(status="rejected")
    before = snapshot(refused)[0]

    assert move(staff, "publish_events", first, refused, last) == [
        "First: published.",
        "Refused: refused. An event that is rejected cannot become active.",
        "Last: published.",
    ]
    assert snapshot(refused)[0] == before
    assert [object_id for _, object_id, _ in log()] == [str(first.pk), str(last.pk)]


def test_what_has_not_begun_cannot_be_complete(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert move(staff, "complete_events", event) == ["Tech Networking Meetup: refused. The event has not started yet."]
    assert (snapshot(event), log()) == (before, [])


def test_what_is_done_already_is_said_and_not_logged(staff: Client, alice: Caller) -> None:
    event = make_event(alice, status="cancelled")
    before = snapshot(event)

    assert move(staff, "cancel_events", event, reason="again") == [
        "Tech Networking Meetup: nothing to do, it is cancelled."
    ]
    assert (snapshot(event), log()) == (before, [])


def test_ticking_rows_of_other_pages_is_neither_offered_nor_done(staff: Client, alice: Caller) -> None:
    seen, unseen = make_event(alice), make_event(alice, title="Unseen")
    page = staff.get(address_of(Event)).content.decode()

    assert "0 of 2 selected" in page
    assert "Select all 2" not in page
    assert told(
        act(staff, "cancel_events", seen, seen=see(seen), select_across="1", confirmed="yes", reason="spam")
    ) == ["Tech Networking Meetup: cancelled."]
    unseen.refresh_from_db()
    assert unseen.status == "active"


def test_the_list_carries_the_version_of_every_row(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    edit(event, alice)

    assert f'<input type="hidden" name="seen" value="{event.pk}:2">' in staff.get(address_of(Event)).content.decode()


def test_the_page_of_an_event_offers_the_moves_with_what_it_shows(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    page = page_of(staff, event)

    for part in (
        f'<input type="hidden" name="_selected_action" value="{event.pk}">',
        f'<input type="hidden" name="seen" value="{event.pk}:1">',
        *(f'name="action" value="{action}_events"' for action in ("publish", "complete", "cancel")),
        f'formaction="{address_of(Event)}"',
    ):
        assert part in page


def test_a_moderator_needs_no_superuser(colleague: Client, alice: Caller) -> None:
    event = make_event(alice)

    assert move(colleague, "cancel_events", event, reason="spam") == ["Tech Networking Meetup: cancelled."]
    assert log() == [("maria", str(event.pk), "Cancelled. Reason: spam")]


def test_who_may_only_look_is_offered_no_move_and_makes_none(observer: Client, alice: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    assert "cancel_events" not in observer.get(address_of(Event)).content.decode()
    assert "cancel_events" not in page_of(observer, event)
    assert move(observer, "cancel_events", event, reason="spam") == []
    assert (snapshot(event), log()) == (before, [])


@pytest.mark.parametrize("user", [None, {}, {"is_superuser": True}])
def test_who_is_no_staff_is_sent_to_the_login(alice: Caller, user: dict[str, bool] | None) -> None:
    event = make_event(alice)
    before = snapshot(event)
    client = Client()
    if user is not None:
        client.force_login(User.objects.create_user("outsider", **user))

    response = client.post(
        address_of(Event),
        {"action": "cancel_events", "_selected_action": str(event.pk), "seen": see(event), "confirmed": "yes"},
    )

    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address_of(Event)}")
    assert (snapshot(event), log()) == (before, [])


def test_a_row_that_cannot_exist_is_a_bad_request(staff: Client) -> None:
    data = {"action": "cancel_events", "_selected_action": "not a UUID"}

    assert staff.post(address_of(Event), data).status_code == 400


def test_without_its_entry_in_the_log_a_move_is_not_made(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)
    staff.raise_request_exception = False
    with connection.cursor() as cursor:  # gone with the transaction of this test
        cursor.execute("ALTER TABLE django_admin_log ADD CONSTRAINT full_disk CHECK (false) NOT VALID")

    response = staff.post(
        address_of(Event),
        {
            "action": "cancel_events",
            "_selected_action": str(event.pk),
            "seen": see(event),
            "confirmed": "yes",
            "reason": "spam",
        },
    )

    assert response.status_code == 500
    assert snapshot(event) == before


def test_staff_act_under_an_id_that_no_user_of_the_platform_has() -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_user("root", is_staff=True)
    principal = principal_of(request)

    assert principal.is_admin
    assert principal.id not in (parse_subject(principal.upstream_id).id, parse_subject(request.user.pk).id)
    assert principal == principal_of(request)
    request.user = AnonymousUser()
    assert principal_of(request).id != principal.id


def test_a_removed_user_of_the_same_name_stops_no_moderator(staff: Client, alice: Caller) -> None:
    event = make_event(alice)
    user = User.objects.get(username="root")
    for name in ("root", user.pk, f"staff:{user.pk}"):
        at = in_days(0)
        UserProfile.objects.create(user_id=parse_subject(name).id, profile_at=at, removed_at=at)

    assert move(staff, "cancel_events", event, reason="spam") == ["Tech Networking Meetup: cancelled."]


@pytest.fixture
def _impatient() -> Iterator[None]:
    """This connection waits 50 ms for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_impatient")
def test_a_busy_event_is_reported_and_the_next_one_moved(staff: Client, alice: Caller) -> None:
    busy, free = make_event(alice), make_event(alice, title="Free")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM events WHERE id = %s FOR UPDATE", [busy.pk])

        assert move(staff, "cancel_events", busy, free, reason="spam") == [
            "Tech Networking Meetup: refused. The database is busy; try again in a moment.",
            "Free: cancelled.",
        ]
    finally:
        other.rollback()
        other.close()
    assert [object_id for _, object_id, _ in log()] == [str(free.pk)]
