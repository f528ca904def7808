"""Tokens signed with the platform's secret: which are taken, and for whom; every other one is 401."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from meetinity_events.api.authentication import PlatformAuthentication
from meetinity_events.api.principal import Principal
from meetinity_events.embedded.ports import wait_until
from tests.api.tokens import (
    UNLIMITED,
    call_with,
    call_with_header,
    in_seconds,
    is_refused,
    make_token,
    read_caller,
    sign,
)
from tests.factories import Caller

pytestmark = pytest.mark.django_db

A_UUID = "018f2f6e-7c1a-7bbb-8ccc-0123456789ab"


@pytest.mark.parametrize(
    ("claims", "user_id", "upstream_id"),
    [
        ({"sub": 42}, UUID(int=42), "42"),
        ({"sub": "42"}, UUID(int=42), "42"),
        ({"sub": A_UUID}, UUID(A_UUID), A_UUID),
        ({"sub": "auth0|alice"}, UUID("2d20c66e-42d2-5c7a-9ea7-1802f0ff8df3"), "auth0|alice"),
        ({"sub": None, "user_id": 42}, UUID(int=42), "42"),
        ({"sub": None, "user_id": A_UUID}, UUID(A_UUID), A_UUID),
        ({"sub": 42, "user_id": 43}, UUID(int=42), "42"),
    ],
)
def test_the_bearer_is_the_subject(claims: dict[str, Any], user_id: UUID, upstream_id: str) -> None:
    token = make_token(**claims)

    assert read_caller(token) == Principal(user_id, upstream_id, is_admin=False, token=token)
    assert call_with(token, f"/events/users/{user_id}/events").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": True},
        {"sub": False, "user_id": 42},
        {"sub": "", "user_id": 42},
        {"sub": []},
        {"sub": {"id": 42}},
        {"sub": 4.2},
        {"sub": -1},
        {"sub": 2**128},
        {"sub": "ali\0ce"},
        {"sub": "\ud800"},
    ],
    ids=repr,
)
def test_a_subject_that_is_no_user_is_refused(claims: dict[str, Any]) -> None:
    assert is_refused(call_with(make_token(**claims)))


@pytest.mark.parametrize(
    "payload",
    [
        '{"sub": null, "user_id": 42, "exp": 9999999999}',
        '{"sub": NaN, "exp": 9999999999}',
        '{"sub": ' + "9" * 5000 + ', "exp": 9999999999}',
        '{"sub": 42, "exp": null}',
        '{"sub": 42, "exp": ' + "9" * 5000 + "}",
        "[42]",
        "null",
        "",
        "[" * 100_000,
    ],
    ids=lambda payload: payload[:30],
)
def test_a_payload_that_no_issuer_writes_is_refused(payload: str) -> None:
    assert is_refused(call_with(sign(payload)))


@pytest.mark.parametrize("seconds", [3600, 1, -15])
def test_a_token_is_good_until_30_seconds_after_its_end(seconds: int) -> None:
    assert call_with(make_token(exp=in_seconds(seconds))).status_code == 200


def test_a_token_is_verified_once_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    token, verified = make_token(sub=4711), []
    look = PlatformAuthentication.get_validated_token
    monkeypatch.setattr(
        PlatformAuthentication, "get_validated_token", lambda self, raw: verified.append(raw) or look(self, raw)
    )

    assert [call_with(token).status_code for _ in range(4)] == [200] * 4
    assert 1 <= len(verified) <= 2  # the second where a new span of the memory begins


def test_a_remembered_token_is_refused_when_it_ends() -> None:
    token = make_token(exp=in_seconds(-25))
    assert call_with(token).status_code == 200

    assert wait_until(lambda: call_with(token).status_code == 401, 20)


@pytest.mark.parametrize("exp", [10**30, 253_402_300_800, "9999999999"], ids=["10**30", "year 10000", "digits"])
def test_an_end_beyond_the_calendar_is_an_end(exp: object) -> None:
    assert call_with(make_token(exp=exp)).status_code == 200


@pytest.mark.parametrize(
    "exp",
    [None, -31, "123", "soon", "", [], {}, float("inf"), float("nan"), -(10**30), 0],
    ids=repr,
)
def test_a_token_without_a_future_is_refused(exp: object) -> None:
    assert is_refused(call_with(make_token(exp=in_seconds(-31) if exp == -31 else exp)))


@pytest.mark.parametrize(("claim", "value"), [("nbf", 3600), ("iat", 3600), ("nbf", "soon"), ("iat", "soon")])
def test_a_token_that_has_not_begun_is_refused(claim: str, value: Any) -> None:
    token = make_token(**{claim: in_seconds(value) if isinstance(value, int) else value})

    assert is_refused(call_with(token))


def test_a_token_of_another_secret_is_refused() -> None:
    assert is_refused(call_with(make_token(key="x" * 43)))


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused(algorithm: str, settings: Any, deploy: Callable[..., None]) -> None:
    deploy(JWT_SECRET=settings.JWT_SECRET * 2)  # long enough for every algorithm
    key = "" if algorithm == "none" else settings.JWT_SECRET

    assert is_refused(call_with(make_token(key=key, algorithm=algorithm)))


def test_a_changed_token_is_refused() -> None:
    header, _, signature = make_token(sub=42).split(".")
    _, claims, _ = make_token(sub=43).split(".")

    assert is_refused(call_with(f"{header}.{claims}.{signature}"))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer not-a-token",
        "Bearer ..",
        "Bearer \xff\xfe",
        "Basic YWxpY2U6c2VjcmV0",
        "Token abc",
    ],
)
def test_what_is_no_bearer_token_is_refused(header: str) -> None:
    assert is_refused(call_with_header(header))


def test_the_identity_headers_of_a_gateway_count_for_nothing(anonymous: Caller, bob: Caller) -> None:
    pretended = {"HTTP_X_USER_ID": "101", "HTTP_X_USER_ROLE": "admin", "HTTP_X_USER_ROLES": "admin"}

    assert is_refused(anonymous.get(UNLIMITED, **pretended))
    assert bob.get(f"/events/users/{UUID(int=101)}/events", **pretended).status_code == 403


def test_issuer_and_audience_do_not_matter_unless_the_deployment_names_them() -> None:
    assert call_with(make_token(iss="anyone", aud=["anything"])).status_code == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"iss": "https://issuer.example", "aud": "events"}, 200),
        ({"iss": "https://issuer.example", "aud": ["users", "events"]}, 200),
        ({"iss": "https://other.example", "aud": "events"}, 401),
        ({"iss": "https://issuer.example", "aud": "users"}, 401),
        ({"iss": "https://issuer.example"}, 401),
        ({"aud": "events"}, 401),
        ({"iss": ["https://issuer.example"], "aud": "events"}, 401),
        ({"iss": "https://issuer.example", "aud": {"events": 1}}, 401),
    ],
)
def test_a_configured_issuer_and_audience_are_checked(
    claims: dict[str, Any], status: int, deploy: Callable[..., None]
) -> None:
    deploy(JWT_ISSUER="https://issuer.example", JWT_AUDIENCE="events")

    assert call_with(make_token(**claims)).status_code == status


def test_authentication_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        read_caller(make_token())
    with django_assert_num_queries(1):  # the categories themselves
        call_with(make_token())
