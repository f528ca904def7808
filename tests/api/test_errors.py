"""Every refusal in one envelope, with nothing in it that is not for the caller."""

from typing import Any

import pytest
from django.db import connection
from rest_framework.response import Response

from events.models import Event
from meetinity_events.embedded.ports import find_free_port
from tests.api.bodies import send
from tests.factories import Caller, event_fields, make_event, messages, snapshot

pytestmark = pytest.mark.django_db

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


def refusal(code: int, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": details or {}}}


def error_of(response: Response) -> tuple[int, Any]:
    """Status and body; that the body is JSON is part of every test."""
    assert response["Content-Type"] == "application/json"
    assert response["Content-Length"] == str(len(response.content))
    return response.status_code, response.json()


def test_400_for_a_body_that_is_no_json(alice: Caller) -> None:
    status, body = error_of(alice.post("/events", b"{"))

    assert (status, body["error"]["code"], body["error"]["details"]) == (400, 400, {})
    assert body["error"]["message"].startswith("The body is not valid JSON: ")


def test_401_without_a_token(anonymous: Caller) -> None:
    answer = error_of(anonymous.get("/events"))

    assert answer == (401, refusal(401, "Authentication credentials were not provided."))


def test_401_for_a_bad_token(anonymous: Caller) -> None:
    answer = error_of(anonymous.get("/events", HTTP_AUTHORIZATION="Bearer abc"))

    assert answer == (401, refusal(401, "Given token not valid for any token type"))


def test_403_for_somebody_elses_event(alice: Caller, carol: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    answer = error_of(carol.patch(f"/events/{event.id}", {"title": "Mine"}))

    reason = {"reason": ["not_the_organiser"]}
    assert answer == (403, refusal(403, "Only the organiser or an admin may do this.", reason))
    assert snapshot(event) == before


def test_404_for_an_event_that_is_not_there(alice: Caller) -> None:
    assert error_of(alice.get(f"/events/{UNKNOWN_ID}")) == (404, refusal(404, "There is no such event."))


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/events/not-a-uuid", "/events/1/2/3", "/api", "/events/%00", "/events/%ff"],
)
def test_404_for_an_unknown_address(path: str, anonymous: Caller) -> None:
    assert error_of(anonymous.get(path)) == (404, refusal(404, "Not found."))


def test_405_names_what_is_allowed(alice: Caller) -> None:
    response = alice.delete("/events")

    assert error_of(response) == (405, refusal(405, 'Method "DELETE" not allowed.'))
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_409_for_a_second_registration(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event)

    answer = error_of(bob.post(f"/events/{event.id}/register"))

    reason = {"reason": ["already_registered"]}
    assert answer == (409, refusal(409, "You are already registered for this event.", reason))
    assert snapshot(event) == before


def test_413_for_a_body_above_a_mebibyte(alice: Caller) -> None:
    answer = error_of(alice.post("/events", b" " * (1024 * 1024 + 1)))

    assert answer == (413, refusal(413, "The body is too large."))


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense", ""],
)
def test_415_for_a_body_that_claims_to_be_no_json(content_type: str, alice: Caller) -> None:
    status, body = error_of(send(alice, "/events", b"{}", content_type))

    assert (status, body["error"]["code"], body["error"]["details"]) == (415, 415, {})
    assert body["error"]["message"].startswith("Unsupported media type ")


def test_422_names_every_bad_field(alice: Caller) -> None:
    answer = error_of(alice.post("/events", event_fields(title="", category=None, tags=["a" * 51], surprise=1)))

    details = answer[1]["error"]["details"]
    assert answer == (422, refusal(422, "Some fields are not valid.", details))
    assert details == {"surprise": ["This field is unknown or read-only."]}


def test_422_gives_a_list_item_its_place(alice: Caller) -> None:
    answer = error_of(alice.post("/events", event_fields(title="", tags=["ok", "a" * 51])))

    assert answer[1]["error"]["details"] == {
        "title": ["This field may not be blank."],
        "tags.1": ["Ensure this field has no more than 50 characters."],
    }


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("permission", 403, refusal(403, "You may not do this.")),
        ("missing", 404, refusal(404, "Not found.")),
        ("rule", 409, refusal(409, "This is not possible.", {"reason": ["refused"]})),
        ("rule-with-words", 409, refusal(409, "The tea is cold.", {"tea": ["Cold."]})),
        ("fields", 422, refusal(422, "Some fields are not valid.", {"title": ["Too long.", "Too loud."]})),
        (
            "nested",
            422,
            refusal(422, "Some fields are not valid.", {"tags.3": ["Too long."], "place.city": ["Unknown."]}),
        ),
        ("whole", 422, refusal(422, "Some fields are not valid.", {"body": ["Nothing fits."]})),
        ("throttled", 429, refusal(429, "Too many requests; try again later.")),
        ("unacceptable", 406, refusal(406, "Could not satisfy the request Accept header.")),
        ("suspicious", 400, refusal(400, "The request cannot be understood.")),
        ("unreadable", 400, refusal(400, "The request cannot be understood.")),
        ("bug", 500, refusal(500, "Something went wrong on our side.")),
        ("database", 503, refusal(503, "The service is busy; try again in a moment.")),
        ("connection", 503, refusal(503, "The service is busy; try again in a moment.")),
    ],
)
@pytest.mark.urls("tests.api.refusing_urls")
def test_whatever_a_view_raises_has_the_envelope(fault: str, status: int, body: dict[str, Any], alice: Caller) -> None:
    response = alice.get(f"/faulty/{fault}")

    assert error_of(response) == (status, body)
    assert response.get("Retry-After") == {429: "13", 503: "1"}.get(status)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("bug", 500), ("database", 500), ("permission", 403), ("missing", 404), ("suspicious", 400), ("unreadable", 400)],
)
@pytest.mark.urls("tests.api.refusing_urls")
def test_what_fails_outside_the_api_has_it_too(fault: str, status: int, anonymous: Caller) -> None:
    response = anonymous.get(f"/outside/{fault}")

    assert (response.status_code, response.json()["error"]["code"]) == (status, status)
    assert b"s3cret" not in response.content


def test_400_for_a_host_that_is_not_ours(anonymous: Caller) -> None:
    answer = error_of(anonymous.get("/healthz", HTTP_HOST="evil.example"))

    assert answer == (400, refusal(400, "The request cannot be understood."))


@pytest.mark.django_db(transaction=True)
def test_503_while_the_database_is_away(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "PORT", find_free_port())
        response = alice.post("/events", event_fields())

    assert error_of(response) == (503, refusal(503, "The service is busy; try again in a moment."))
    assert response["Retry-After"] == "1"
    assert (Event.objects.count(), messages()) == (0, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", ["register", "cancel", "edit"])
def test_503_when_somebody_else_holds_the_lock(call: str, alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)
    other = connection.copy()
    try:
        with connection.cursor() as cursor, other.cursor() as holder:
            cursor.execute("SET lock_timeout = '20ms'")
            holder.execute("BEGIN")
            holder.execute("SELECT 1 FROM events WHERE id = %s FOR UPDATE", [event.id])
            response = {
                "register": lambda: bob.post(f"/events/{event.id}/register"),
                "cancel": lambda: alice.post(f"/events/{event.id}/cancel"),
                "edit": lambda: alice.patch(f"/events/{event.id}", {"title": "Later"}),
            }[call]()
    finally:
        other.close()
        connection.close()

    assert error_of(response) == (503, refusal(503, "The service is busy; try again in a moment."))
    assert response["Retry-After"] == "1"
    assert snapshot(event) == before
