"""The local profile: the newest message wins, and a removed user stays removed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from integrations.models import UserProfile
from integrations.users.handlers import user_updated
from integrations.users.profiles import NOT_REMOVED_SQL, is_removed, remember_removed_user, update_profile

USER = UUID("2c1e9a52-6d0d-4a0c-9d5f-0b6d5cbb9a11")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def store(location: str | None, at: datetime) -> bool:
    return update_profile(user_id=USER, location=location, industry="Technology", interests=["AI"], at=at)


def stored() -> tuple[str, str, list[str], datetime]:
    profile = UserProfile.objects.get(user_id=USER)
    return profile.location, profile.industry, profile.interests, profile.profile_at


def test_the_newest_profile_wins_and_an_older_one_is_dropped() -> None:
    assert store("Paris", NOON)
    assert store("Lyon", NOON + MINUTE)
    assert not store("Nice", NOON)

    assert stored() == ("Lyon", "Technology", ["AI"], NOON + MINUTE)


def test_a_repeat_changes_nothing() -> None:
    store("Paris", NOON)
    assert store("Paris", NOON)
    assert stored() == ("Paris", "Technology", ["AI"], NOON)


def test_what_a_message_does_not_name_stays_and_null_empties_it() -> None:
    store("Paris", NOON)
    message = {"user_id": str(USER), "location": None, "interests": ["Web"], "timestamp": "2026-01-02T12:01:00"}

    user_updated(message)

    assert stored() == ("", "Technology", ["Web"], NOON + MINUTE)


def test_a_clock_that_runs_ahead_does_not_shut_out_later_messages() -> None:
    user_updated({"user_id": str(USER), "location": "Mars", "timestamp": "2999-01-01T00:00:00Z"})
    user_updated({"user_id": str(USER), "location": "Paris", "timestamp": timezone.now().isoformat()})

    assert UserProfile.objects.get().location == "Paris"


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_id": None},
        {"user_id": True},
        {"timestamp": None},
        {"timestamp": 1767355200},
        {"timestamp": "yesterday"},
        {"location": 5},
        {"interests": "AI"},
        {"interests": [["AI"]]},
    ],
)
def test_a_wrong_kind_of_value_is_refused_and_nothing_is_stored(wrong: dict[str, object]) -> None:
    message = {"user_id": 5, "timestamp": "2026-01-02T12:00:00Z", **wrong}
    with pytest.raises(ValueError, match=r"."):
        user_updated(message)

    assert UserProfile.objects.count() == 0


def test_a_removed_user_is_emptied_and_a_late_message_does_not_revive_them() -> None:
    store("Paris", NOON)

    remember_removed_user(user_id=USER, at=NOON + MINUTE)
    first_heard = UserProfile.objects.get().removed_at

    assert not store("Lyon", NOON + 2 * MINUTE)
    remember_removed_user(user_id=USER, at=NOON + 3 * MINUTE)
    assert stored() == ("", "", [], NOON + MINUTE)
    assert UserProfile.objects.get().removed_at == first_heard
    assert is_removed(USER)


def test_a_user_whom_we_never_knew_can_be_removed() -> None:
    assert not is_removed(USER)
    remember_removed_user(user_id=USER, at=NOON)
    assert is_removed(USER)


def test_the_condition_for_statements_knows_who_is_removed() -> None:
    known, unknown = USER, UUID(int=7)
    store("Paris", NOON)

    def may(user_id: UUID) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {NOT_REMOVED_SQL}", {"user_id": user_id})
            return bool(cursor.fetchone()[0])

    assert (may(known), may(unknown)) == (True, True)
    remember_removed_user(user_id=known, at=NOON)
    assert (may(known), may(unknown)) == (False, True)


def test_the_database_itself_keeps_a_removed_user_empty() -> None:
    remember_removed_user(user_id=USER, at=NOON)
    with pytest.raises(IntegrityError, match="user_profiles_removed_is_empty"):
        UserProfile.objects.update(location="Paris")
