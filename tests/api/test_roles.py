"""Who is an admin: by a claim of the token, or by the lists of the deployment."""

from typing import Any

import pytest

from tests.api.tokens import make_token, read_caller

A_UUID = "018f2f6e-7c1a-7bbb-8ccc-0123456789ab"


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "admin"},
        {"role": ["admin"]},
        {"roles": ["user", "admin"]},
        {"roles": "user admin"},
        {"permissions": ["events:write", "admin"]},
        {"scope": "openid admin profile"},
        {"roles": [None, 1, {}, [], "admin"]},
        {"role": "user", "roles": ["admin"]},
    ],
    ids=repr,
)
def test_a_role_claim_makes_an_admin(claims: dict[str, Any]) -> None:
    assert read_caller(make_token(**claims)).is_admin is True


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"role": "user"},
        {"role": "Admin"},
        {"role": "administrator"},
        {"role": "not-admin,admin"},
        {"role": True},
        {"role": 1},
        {"roles": {"admin": True}},
        {"roles": [["admin"]]},
        {"roles": [True, 1, None]},
        {"permissions": {"role": "admin"}},
        {"scope": 0},
        {"admin": True},
        {"is_admin": True},
        {"groups": ["admin"]},
    ],
    ids=repr,
)
def test_anything_else_does_not(claims: dict[str, Any]) -> None:
    assert read_caller(make_token(**claims)).is_admin is False


@pytest.mark.parametrize(
    ("listed", "subject", "is_admin"),
    [
        ("42", 42, True),
        ("42", "42", True),
        ("42", "00000000-0000-0000-0000-00000000002a", True),
        ("00000000-0000-0000-0000-00000000002a", 42, True),
        (A_UUID, A_UUID, True),
        ("auth0|alice", "auth0|alice", True),
        ("42", 43, False),
        ("42", 420, False),
        ("auth0|alice", "auth0|bob", False),
    ],
)
def test_the_listed_users_are_admins(listed: str, subject: object, is_admin: bool, settings: Any) -> None:
    settings.ADMIN_USER_IDS = [listed, "7"]

    assert read_caller(make_token(sub=subject)).is_admin is is_admin


@pytest.mark.parametrize(
    ("email", "is_admin"),
    [
        ("root@example.com", True),
        ("Root@Example.COM", True),
        ("other@example.com", False),
        ("", False),
        (["root@example.com"], False),
        (True, False),
    ],
    ids=repr,
)
def test_the_bearers_of_a_listed_address_are_admins(email: object, is_admin: bool, settings: Any) -> None:
    settings.ADMIN_EMAILS = ["root@example.com"]

    assert read_caller(make_token(email=email)).is_admin is is_admin


def test_empty_lists_make_nobody_an_admin(settings: Any) -> None:
    settings.ADMIN_USER_IDS, settings.ADMIN_EMAILS = [], []

    assert read_caller(make_token(email="")).is_admin is False
