"""Hostile bodies: refused with 400, 413 or 422, never a 500, and nothing is stored."""

import pytest

from events.models import Event
from tests.api.bodies import send
from tests.factories import Caller, make_event, messages, snapshot

pytestmark = pytest.mark.django_db

MEBIBYTE = 1024 * 1024
REQUIRED = {name: ["This field is required."] for name in ("title", "start_date", "category")}


def body_with(field: bytes) -> bytes:
    """A good body whose last field is `field`."""
    return b'{"title": "T", "category": "Career", "start_date": "2999-01-01T00:00:00Z", ' + field + b"}"


@pytest.mark.parametrize(
    "body",
    [
        body_with(b'"price": NaN'),
        body_with(b'"price": Infinity'),
        body_with(b'"price": -Infinity'),
        body_with(b'"location": "\xff\xfe"'),
        body_with(b'"location": "\xed\xa0\x80"'),
        body_with(b'"location": "\\ud800"'),
        body_with(b'"location": "\\udc00\\ud800"'),
        body_with(b'"location": "a\x00b"'),
        body_with(b"\"location\": 'Berlin'"),
        body_with(b'"location": "Berlin",'),
        body_with(b'"price": 01'),
        body_with(b'"max_attendees": 1' + b"0" * 400),
        body_with(b'"price": 1e400'),
        body_with(b'"location": "Berlin" /* comment */'),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"title": ' + b"[" * 100_000,
        b" ",
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"{} x",
        '{"title": "T"}'.encode("utf-16"),
        b"title=T",
        b"\x1f\x8b\x08\x00",
    ],
    ids=lambda body: repr(body[-30:]),
)
def test_what_is_no_json_is_400(body: bytes, alice: Caller) -> None:
    response = alice.post("/events", body)

    assert (response.status_code, response.json()["error"]["code"]) == (400, 400)
    assert (Event.objects.count(), messages()) == (0, [])


@pytest.mark.parametrize(
    ("field", "name", "sentence"),
    [
        (b'"location": "a\\u0000b"', "location", "Null characters are not allowed."),
        (b'"a\\u0000b": 1', "a\0b", "This field is unknown or read-only."),
        (b'"": 1', "body", "This field is unknown or read-only."),
        (
            b'"max_attendees": 18446744073709551615',
            "max_attendees",
            "Ensure this value is less than or equal to 10000.",
        ),
        (b'"max_attendees": -9223372036854775808', "max_attendees", "Ensure this value is greater than or equal to 1."),
        (b'"max_attendees": 1.5', "max_attendees", "A valid integer is required."),
        (b'"max_attendees": true', "max_attendees", "A valid integer is required."),
        (b'"price": 1e308', "price", "Ensure that there are no more than 10 digits in total."),
        (b'"price": "1e999999999"', "price", "Ensure that there are no more than 10 digits in total."),
        (b'"price": "NaN"', "price", "A valid number is required."),
        (b'"latitude": "Infinity", "longitude": 1', "latitude", "A valid number is required."),
        (b'"title": {"a": 1}', "title", "Not a valid string."),
        (b'"tags": {"a": 1}', "tags", 'Expected a list of items but got type "dict".'),
        (b'"tags": [[[1]]]', "tags.0", "Not a valid string."),
        (b'"start_date": 1e18', "start_date", None),
        (b'"start_date": "99999-01-01T00:00:00Z"', "start_date", None),
        (b'"start_date": "0001-01-01T00:00:00+14:00"', "start_date", None),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_value_that_no_column_holds_is_422(field: bytes, name: str, sentence: str | None, alice: Caller) -> None:
    response = alice.post("/events", body_with(field))

    details = response.json()["error"]["details"]
    assert (response.status_code, list(details)) == (422, [name])
    assert sentence is None or details[name] == [sentence]
    assert (Event.objects.count(), messages()) == (0, [])


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"text"', b"1", b"1.5", b"true", b"false", b"null", b"0", b'""'])
def test_a_body_that_is_no_object_is_422(body: bytes, alice: Caller) -> None:
    response = alice.post("/events", body)

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["body"]
    assert Event.objects.count() == 0


def test_an_empty_body_counts_as_an_empty_object(alice: Caller) -> None:
    response = alice.post("/events", b"")

    assert (response.status_code, response.json()["error"]["details"]) == (422, REQUIRED)


def test_of_a_key_given_twice_the_last_counts(alice: Caller) -> None:
    response = alice.post("/events", body_with(b'"title": "Last"'))

    assert (response.status_code, response.json()["title"]) == (201, "Last")


@pytest.mark.parametrize(("size", "status"), [(MEBIBYTE, 201), (MEBIBYTE + 1, 413)])
def test_a_body_may_have_one_mebibyte(size: int, status: int, alice: Caller) -> None:
    body = body_with(b'"location": "Berlin"')

    response = alice.post("/events", body + b" " * (size - len(body)))

    assert response.status_code == status
    assert Event.objects.count() == (1 if status == 201 else 0)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;v=1"]
)
def test_the_parameters_of_the_content_type_do_not_matter(content_type: str, alice: Caller) -> None:
    assert send(alice, "/events", body_with(b'"price": 1'), content_type).status_code == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0", "nonsense", ""])
def test_the_answer_is_json_whatever_the_caller_accepts(accept: str, alice: Caller) -> None:
    response = alice.get("/events", HTTP_ACCEPT=accept)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "registration_data",
    [b'{"a": "\\u0000"}', b'{"\\u0000": 1}', b'{"a": [{"b": "x\\u0000"}]}', b"[]", b'"text"', b"1"],
)
def test_a_registration_takes_only_what_jsonb_holds(registration_data: bytes, alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    response = bob.post(f"/events/{event.id}/register", b'{"registration_data": ' + registration_data + b"}")

    assert (response.status_code, list(response.json()["error"]["details"])) == (422, ["registration_data"])
    assert snapshot(event) == before
