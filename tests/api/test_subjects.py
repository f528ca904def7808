"""The subjects of tokens and messages, of every kind."""

from uuid import UUID

import pytest

from meetinity_events.api.principal import Subject, parse_subject

A_UUID = "018f2f6e-7c1a-7bbb-8ccc-0123456789ab"


@pytest.mark.parametrize(
    ("value", "user_id", "upstream_id"),
    [
        (A_UUID, A_UUID, A_UUID),
        (A_UUID.upper(), A_UUID, A_UUID),
        (UUID(A_UUID), A_UUID, A_UUID),
        (42, "00000000-0000-0000-0000-00000000002a", "42"),
        ("42", "00000000-0000-0000-0000-00000000002a", "42"),
        ("0042", "00000000-0000-0000-0000-00000000002a", "42"),
        ("00000000-0000-0000-0000-00000000002a", "00000000-0000-0000-0000-00000000002a", "42"),
        (0, "00000000-0000-0000-0000-000000000000", "0"),
        (2**63 - 1, "00000000-0000-0000-7fff-ffffffffffff", "9223372036854775807"),
        (2**128 - 1, "ffffffff-ffff-ffff-ffff-ffffffffffff", "340282366920938463463374607431768211455"),
        ("auth0|alice", "2d20c66e-42d2-5c7a-9ea7-1802f0ff8df3", "auth0|alice"),
        ("Ünïcode", "361ffe4e-9b89-5b23-8db3-999d8a3d7957", "Ünïcode"),
        ("-5", "11860439-5a53-59ad-bad2-4ff7590998d2", "-5"),
        ("٤٢", "3841f6a1-699c-5d48-a896-1c6db8e613b9", "٤٢"),
        (A_UUID.replace("-", ""), "47c31662-87af-5024-8a80-634f84af19c8", A_UUID.replace("-", "")),
    ],
)
def test_a_subject_becomes_one_uuid_and_keeps_its_name_upstream(value: object, user_id: str, upstream_id: str) -> None:
    assert parse_subject(value) == Subject(UUID(user_id), upstream_id)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        None,
        [],
        [42],
        {"id": 42},
        1.0,
        -1,
        2**128,
        str(2**128),
        "9" * 5000,
        "",
        "\0",
        "ali\0ce",
        "\ud800",
    ],
    ids=repr,
)
def test_what_names_no_user_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, any reason is a refusal
        parse_subject(value)
