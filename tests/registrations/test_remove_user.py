"""Removing a user whom the platform has deleted."""

import pytest
from django.utils import timezone

from events.models import Event
from integrations.models import UserProfile
from integrations.users.profiles import update_profile
from registrations.handlers import user_deleted
from registrations.models import Registration
from registrations.services.remove_user import finish_removals, remove_user
from tests.factories import Caller, in_days, make_event, messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_remove_user_frees_coming_seats_and_anonymises_what_is_past(alice: Caller, bob: Caller, carol: Caller) -> None:
    coming, past = make_event(alice), make_event(alice)
    for event in (coming, past):
        for guest in (bob, carol):
            guest.post(f"/events/{event.id}/register", {"registration_data": {"diet": "vegan"}})
    Event.objects.filter(pk=past.pk).update(start_date=in_days(-3))

    assert remove_user(user_id=bob.id, at=timezone.now()) == 1

    assert Event.objects.get(pk=coming.pk).current_attendees == 1
    assert Event.objects.get(pk=past.pk).current_attendees == 2
    assert Registration.objects.of_user(bob.id).count() == 0
    assert Registration.objects.filter(registration_data__isnull=False).count() == 2
    assert Registration.objects.of_user(carol.id).count() == 2
    (message,) = messages("event.registration.cancelled")
    assert (message["event_id"], message["user_id"]) == (str(coming.id), str(bob.id))


def test_a_repeat_frees_nothing_more(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    remove_user(user_id=bob.id, at=timezone.now())

    assert remove_user(user_id=bob.id, at=timezone.now()) == 0
    assert Event.objects.get().current_attendees == 0
    assert len(messages("event.registration.cancelled")) == 1


def test_a_removed_user_is_refused_in_reads_and_writes(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)

    remove_user(user_id=bob.id, at=timezone.now())

    assert bob.get("/events").status_code == 403
    assert bob.post(f"/events/{event.id}/register").status_code == 403
    assert alice.get("/events").status_code == 200


def test_the_profile_is_forgotten_and_a_late_update_does_not_revive_it(bob: Caller) -> None:
    profile = {"location": "Paris", "industry": "Technology", "interests": ["AI"]}
    update_profile(user_id=bob.id, at=in_days(-1), **profile)

    remove_user(user_id=bob.id, at=timezone.now())
    update_profile(user_id=bob.id, at=in_days(1), **profile)

    row = UserProfile.objects.get(user_id=bob.id)
    assert (row.location, row.industry, row.interests) == ("", "", [])


def test_events_of_a_removed_organiser_stay(alice: Caller, root: Caller) -> None:
    event = make_event(alice)

    remove_user(user_id=alice.id, at=timezone.now())

    assert root.get(f"/events/{event.id}").json()["status"] == "active"


def test_a_registration_that_slipped_past_the_tombstone_is_freed_by_the_sweep(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    remove_user(user_id=bob.id, at=timezone.now())
    Registration.objects.create(event=event, user_id=bob.id)
    Event.objects.update(current_attendees=1)

    assert finish_removals() == 1
    assert Event.objects.get().current_attendees == 0
    assert finish_removals() == 0


@pytest.mark.parametrize("number", ["102", 102, "00000000-0000-0000-0000-000000000066"])
def test_the_message_may_name_the_user_in_any_way(alice: Caller, bob: Caller, number: object) -> None:
    bob.post(f"/events/{make_event(alice).id}/register")

    user_deleted({"event_type": "user.deleted", "user_id": number, "timestamp": "2026-09-28T16:30:00Z"})

    assert Event.objects.get().current_attendees == 0


@pytest.mark.parametrize("payload", [{}, {"user_id": 1}, {"user_id": None, "timestamp": "2026-09-28T16:30:00Z"}])
def test_an_unreadable_message_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        user_deleted(payload)
