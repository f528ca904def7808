"""`manage.py issue_token`: a token that the service itself takes."""

from collections.abc import Callable
from io import StringIO
from uuid import UUID

import jwt
import pytest
from django.core.management import CommandError, call_command

from meetinity_events.api.principal import Principal
from tests.api.tokens import call_with, in_seconds, is_refused, read_caller


def issue_token(*arguments: str) -> str:
    output = StringIO()
    call_command("issue_token", *arguments, stdout=output)
    return output.getvalue().removesuffix("\n")


@pytest.mark.parametrize(
    ("subject", "user_id", "upstream_id"),
    [
        ("42", "00000000-0000-0000-0000-00000000002a", "42"),
        ("018f2f6e-7c1a-7bbb-8ccc-0123456789ab", "018f2f6e-7c1a-7bbb-8ccc-0123456789ab", None),
        ("auth0|alice", "2d20c66e-42d2-5c7a-9ea7-1802f0ff8df3", None),
    ],
)
def test_the_token_is_for_the_subject(subject: str, user_id: str, upstream_id: str | None) -> None:
    token = issue_token(subject)

    assert read_caller(token) == Principal(UUID(user_id), upstream_id or subject, is_admin=False, token=token)


def test_digits_become_the_integer_that_real_tokens_carry() -> None:
    claims = jwt.decode(issue_token("42"), options={"verify_signature": False})

    assert claims["sub"] == 42


def test_a_token_lasts_as_long_as_asked() -> None:
    ends = [
        jwt.decode(issue_token("42", *hours), options={"verify_signature": False})["exp"]
        for hours in ([], ["--hours", "0.5"])
    ]

    assert [abs(end - in_seconds(seconds)) < 60 for end, seconds in zip(ends, (86_400, 1_800), strict=True)] == [
        True
    ] * 2


@pytest.mark.django_db
def test_a_token_of_the_past_is_refused() -> None:
    assert is_refused(call_with(issue_token("42", "--hours", "-1")))


def test_an_admins_token_says_so() -> None:
    assert read_caller(issue_token("42", "--admin")).is_admin is True


def test_the_token_carries_the_issuer_and_audience_of_the_deployment(deploy: Callable[..., None]) -> None:
    deploy(JWT_ISSUER="https://issuer.example", JWT_AUDIENCE="events")

    assert read_caller(issue_token("42")).id == UUID(int=42)


@pytest.mark.parametrize("subject", ["", str(2**128), "ali\0ce"])
def test_a_subject_that_is_no_user_gets_no_token(subject: str) -> None:
    with pytest.raises(CommandError, match="SUBJECT is not a user id"):
        issue_token(subject)


def test_a_deployment_that_holds_no_secret_signs_nothing(deploy: Callable[..., None]) -> None:
    deploy(JWT_SECRET="", JWT_JWKS_URL="https://issuer.example/jwks.json")

    with pytest.raises(CommandError, match="only the platform's issuer"):
        issue_token("42")
