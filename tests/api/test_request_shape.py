"""Addresses with and without a trailing slash, their aliases, and the length of a body."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.api.bodies import send
from tests.factories import Caller, event_fields, make_event

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("prefix", ["", "/api", "/events"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_address_answers_under_its_aliases_and_with_a_slash(prefix: str, slash: str, alice: Caller) -> None:
    event = make_event(alice)
    paths = ["/events", f"/events/{event.id}", "/events/categories", f"/events/users/{alice.id}/events"]

    responses = [alice.get(f"{prefix}{path}{slash}") for path in paths]

    assert [response.status_code for response in responses] == [200] * 4
    assert responses[1].json()["id"] == str(event.id)


@pytest.mark.parametrize("path", ["/events/", "/api/events/", "/events/events", "/events/events/"])
def test_a_write_is_never_redirected(path: str, alice: Caller) -> None:
    assert alice.post(path, event_fields()).status_code == 201


@pytest.mark.parametrize(
    "path", ["/health/", "/healthz/", "/ready/", "/metrics/", "/schema/", "/docs/", "/events/health/"]
)
def test_the_addresses_of_operations_take_a_slash_too(path: str, anonymous: Caller) -> None:
    assert anonymous.get(path).status_code == 200


def test_the_query_survives_the_slash(alice: Caller) -> None:
    assert alice.get("/events/", {"page_size": 3}).json()["page_size"] == 3


def test_an_upload_has_a_limit_of_its_own(alice: Caller, settings: Any) -> None:
    settings.MAX_CONTENT_LENGTH = 2 * 1024 * 1024
    statuses = [
        send(alice, "/events", b" " * (size * 1024 * 1024 + 1), content_type).status_code
        for size, content_type in [
            (1, "multipart/form-data; boundary=x"),
            (2, "multipart/form-data; boundary=x"),
            (1, "text/plain"),
            (1, "application/json; x=multipart/"),
        ]
    ]

    assert statuses == [415, 413, 413, 413]


@pytest.mark.parametrize("length", ["x", "-1", "1e9", " "])
def test_a_length_that_is_no_number_is_no_body(length: str, bob: Caller, alice: Caller) -> None:
    event = make_event(alice)
    assert bob.principal is not None
    client = Client(raise_request_exception=False)
    token = f"Bearer {bob.principal.token}"

    response = client.post(
        f"/events/{event.id}/register", HTTP_AUTHORIZATION=token, CONTENT_LENGTH=length, CONTENT_TYPE="application/json"
    )

    assert response.status_code == 201


def test_a_body_without_a_length_is_refused_rather_than_lost(alice: Caller) -> None:
    response = alice.post("/events", event_fields(), HTTP_TRANSFER_ENCODING="chunked")

    assert (response.status_code, response.json()["error"]) == (
        411,
        {"code": 411, "message": "Send the body with its Content-Length.", "details": {}},
    )


def test_an_address_names_its_user_by_uuid(alice: Caller) -> None:
    assert alice.get(f"/events/users/{UUID(int=101)}/events").status_code == 200
    assert alice.get("/events/users/101/events").status_code == 404
