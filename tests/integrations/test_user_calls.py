"""The calls of user-service as they are promised and as they are today, and answers that lie."""

from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer

from integrations.users import client
from integrations.users.answers import UserCard, UserCheck
from integrations.users.client import check_user, fetch_card, fetch_cards
from integrations.users.transport import UserServiceUnavailableError
from meetinity_events.api.principal import Subject, subject_of
from tests.integrations.user_service import (
    JOHN,
    NO_ROUTE,
    NO_USER,
    SEVEN,
    answer_batches,
    answer_singly,
    asked_in_batches,
    paths,
    profile,
)

ACTIVE = UserCheck(exists=True, is_active=True, name="John Doe")
CARD = UserCard(
    user_id=UUID(int=7),
    name="User 7",
    avatar_url="https://pictures.example/7.png",
    location="San Francisco, CA",
    industry="Technology",
    interests=("AI", "Networking"),
)
SOMEBODY = UUID("2c1e9a52-6d0d-4a0c-9d5f-0b6d5cbb9a11")


@pytest.fixture
def user_service(settings: Any, httpserver: HTTPServer) -> HTTPServer:
    settings.USER_SERVICE_URL = httpserver.url_for("")
    settings.USER_SERVICE_TIMEOUT_SECONDS = 20
    return httpserver


def people(count: int) -> list[Subject]:
    return [subject_of(UUID(int=number)) for number in range(count)]


def collect(users: list[Subject]) -> dict[UUID, UserCard | None]:
    found: dict[UUID, UserCard | None] = {}
    for part in fetch_cards(users, "abc"):
        found |= part
    return found


@pytest.mark.parametrize("status", [404, 405])
def test_todays_call_is_asked_where_the_promised_one_is_missing_and_that_is_remembered(
    user_service: HTTPServer, status: int
) -> None:
    user_service.expect_request("/users/7/validate").respond_with_json({"message": "Resource missing"}, status=status)
    user = {"id": 7, "name": "John Doe", "is_active": True, "email": "john@example.com"}
    user_service.expect_request("/users/7").respond_with_json({"user": user})

    for _ in range(2):
        assert check_user(SEVEN, "") == ACTIVE

    assert paths(user_service) == ["/users/7/validate", "/users/7", "/users/7"]


def test_a_promoted_user_service_is_found_again(user_service: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ROUTE_MEMORY_SECONDS", 0.0)
    user_service.expect_request("/users/7/validate").respond_with_response(NO_ROUTE)
    user_service.expect_request("/users/7").respond_with_json({"user": {"is_active": False}})
    assert not check_user(SEVEN, "").is_active

    user_service.clear()
    user_service.expect_request("/users/7/validate").respond_with_json(JOHN)
    assert check_user(SEVEN, "") == ACTIVE


def test_each_promised_call_is_missed_by_itself(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_response(NO_ROUTE)
    user_service.expect_request("/users/7").respond_with_json({"user": profile(7)})
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7, industry="Law"))

    assert check_user(SEVEN, "") == UserCheck(exists=True, is_active=True, name="User 7")
    card = fetch_card(SEVEN, "")
    assert card is not None
    assert card.industry == "Law"


def test_a_user_service_without_either_route_says_nothing(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_response(NO_ROUTE)
    user_service.expect_request("/users/7").respond_with_response(NO_ROUTE)

    with pytest.raises(UserServiceUnavailableError, match="no route"):
        check_user(SEVEN, "")


def test_a_user_who_is_missing_today_does_not_exist(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/validate").respond_with_response(NO_ROUTE)
    user_service.expect_request("/users/7").respond_with_response(NO_USER)

    assert check_user(SEVEN, "") == UserCheck(exists=False, is_active=False, name="")


def test_a_profile_is_read_without_what_we_may_not_know(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7))

    assert fetch_card(SEVEN, "abc") == CARD
    assert user_service.log[0][0].headers["Authorization"] == "Bearer abc"


def test_a_profile_of_today_is_the_same(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/profile").respond_with_response(NO_ROUTE)
    user_service.expect_request("/users/7").respond_with_json({"user": profile(7)})

    assert fetch_card(SEVEN, "") == CARD


def test_nobody_has_no_profile(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/7/profile").respond_with_response(NO_USER)

    assert fetch_card(SEVEN, "") is None


@pytest.mark.parametrize(
    "lie",
    [profile(8), profile(7, id=None), profile(7, id=True), profile(7, name=""), profile(7, name=5), [], "John", None],
)
def test_a_profile_of_somebody_else_or_nobody_is_not_believed(user_service: HTTPServer, lie: Any) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(lie)

    with pytest.raises(UserServiceUnavailableError, match="nonsense"):
        fetch_card(SEVEN, "")


@pytest.mark.parametrize(
    ("field", "wrong", "read"),
    [
        ("location", {"lat": 37.8, "lng": -122.4}, ""),
        ("location", "Paris\0", "Paris"),
        ("industry", None, ""),
        ("industry", "x" * 300, "x" * 255),
        ("interests", "AI, Networking", ()),
        ("interests", ["AI", 5], ()),
        ("interests", ["AI\0"], ()),
        ("interests", ["AI"] * 200, ("AI",) * 100),
    ],
)
def test_a_field_of_the_wrong_kind_counts_as_empty(user_service: HTTPServer, field: str, wrong: Any, read: Any) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7, **{field: wrong}))

    assert getattr(fetch_card(SEVEN, ""), field) == read


@pytest.mark.parametrize("address", ["/uploads/7.png", "javascript:alert(1)", 7, "https://" + "x" * 3000])
def test_a_picture_that_leads_nowhere_is_none(user_service: HTTPServer, address: Any) -> None:
    user_service.expect_request("/users/7/profile").respond_with_json(profile(7, photo_url=address))

    card = fetch_card(SEVEN, "")
    assert card is not None
    assert card.avatar_url == ""


def test_a_batch_asks_for_100_users_a_call_and_for_integers_as_integers(user_service: HTTPServer) -> None:
    answer_batches(user_service)

    found = collect(people(250))

    assert [len(ids) for ids in asked_in_batches(user_service)] == [100, 100, 50]
    assert asked_in_batches(user_service)[2] == list(range(200, 250))
    assert found[UUID(int=7)] == CARD
    assert len(found) == 250


def test_a_batch_asks_for_a_uuid_as_it_is(user_service: HTTPServer) -> None:
    user_service.expect_request("/users/batch").respond_with_json([profile(1, id=str(SOMEBODY))])

    found = collect([subject_of(SOMEBODY)])

    assert asked_in_batches(user_service) == [[str(SOMEBODY)]]
    assert [card.name for card in found.values() if card] == ["User 1"]


def test_who_is_not_in_the_answer_of_a_batch_does_not_exist(user_service: HTTPServer) -> None:
    lies = [profile(0), profile(99), "nobody"]
    user_service.expect_request("/users/batch").respond_with_json(lies)

    found = collect(people(3))

    assert [(user_id.int, card.name if card else None) for user_id, card in found.items()] == [
        (0, "User 0"),
        (1, None),
        (2, None),
    ]


@pytest.mark.parametrize("lie", [{}, None, {"user": profile(0)}, [profile(number) for number in range(4)]])
def test_a_batch_that_is_no_list_or_too_long_is_not_believed(user_service: HTTPServer, lie: Any) -> None:
    user_service.expect_request("/users/batch").respond_with_json(lie)

    with pytest.raises(UserServiceUnavailableError, match="nonsense"):
        collect(people(3))


def test_without_the_batch_the_first_25_are_asked_for_one_by_one(user_service: HTTPServer) -> None:
    answer_singly(user_service)

    found = collect(people(40))

    assert [user_id.int for user_id in found] == list(range(25))
    assert paths(user_service)[:3] == ["/users/batch", "/users/0/profile", "/users/0"]
    assert len(paths(user_service)) == 1 + 1 + 25


def test_what_came_before_a_failure_is_good(user_service: HTTPServer) -> None:
    first = [profile(number) for number in range(100)]
    user_service.expect_ordered_request("/users/batch").respond_with_json(first)
    user_service.expect_request("/users/batch").respond_with_data("", 503)

    parts = fetch_cards(people(150), "")

    assert len(next(parts)) == 100
    with pytest.raises(UserServiceUnavailableError):
        next(parts)


def test_no_users_are_no_call(user_service: HTTPServer) -> None:
    assert collect([]) == {}
    assert paths(user_service) == []
