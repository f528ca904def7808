"""The description of the API: complete, valid, true to the answers, and shown from local files only."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from events.api.filters import EventFilters
from events.api.search import SearchFilters
from meetinity_events.urls import EVENTS
from registrations.api.filters import RegistrationFilters
from tests.described import STORED, read_document, require_described
from tests.factories import Caller, event_fields, make_event

pytestmark = pytest.mark.django_db

# The calls that their address permits.
WITHOUT_A_TOKEN = {"GET /events/calendar/{token}.ics", "GET /events/images/{name}"}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """As a client downloads it; made without a warning."""
    GENERATOR_STATS.reset()
    response = Client().get("/schema")
    assert (response.status_code, bool(GENERATOR_STATS)) == (200, False)
    return read_document(response.content)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call by its method and path."""
    for path, calls in document["paths"].items():
        for method in METHODS & set(calls):
            yield f"{method.upper()} {path}", calls[method]


def test_the_document_is_made_without_a_warning_and_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_a_document_that_names_what_is_not_there_is_refused(document: dict[str, Any]) -> None:
    """The control of the above."""
    broken = {**document, "components": {**document["components"], "schemas": {}}}

    with pytest.raises(Exception, match="schemas"):
        validate(broken)


def test_the_stored_copy_is_the_document_as_it_is_now(document: dict[str, Any]) -> None:
    """A change of the API is a change of docs/openapi.yaml: `manage.py spectacular --file docs/openapi.yaml`."""
    assert read_document(STORED.read_text()) == document


def test_an_answer_that_is_not_described_fails_the_suite(bob: Caller) -> None:
    """The control of tests.described."""
    response = bob.get("/events")
    response.status_code = 418

    with pytest.raises(AssertionError, match="GET /events: 418 is not described"):
        require_described("GET", response)


def test_shared_headers_are_described(document: dict[str, Any]) -> None:
    calls = dict(operations(document))

    assert {"X-Request-ID", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(
        calls["GET /events"]["responses"]["200"]["headers"]
    )
    assert "Retry-After" in calls["POST /events"]["responses"]["429"]["headers"]
    assert {"ETag", "Idempotency-Replayed"} <= set(calls["POST /events"]["responses"]["201"]["headers"])


def test_every_call_under_events_is_described(document: dict[str, Any]) -> None:
    routes = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)) for pattern in EVENTS}

    assert set(document["paths"]) == routes - {"/events/health"}


def test_every_call_says_what_it_does_and_how_it_refuses(document: dict[str, Any]) -> None:
    silent = [name for name, call in operations(document) if not call.get("description") or not call.get("tags")]
    refusing_otherwise = [
        f"{name} {status}"
        for name, call in operations(document)
        for status, response in call["responses"].items()
        if status >= "4"
        and response["content"]["application/json"]["schema"] != {"$ref": "#/components/schemas/ErrorEnvelope"}
    ]
    without_a_common_refusal = [
        name
        for name, call in operations(document)
        if ({"503"} if name in WITHOUT_A_TOKEN else {"401", "403", "503"}) - set(call["responses"])
    ]

    assert (silent, refusing_otherwise, without_a_common_refusal) == ([], [], [])


def test_every_filter_and_page_parameter_is_described(document: dict[str, Any]) -> None:
    names = {
        name: {parameter["name"] for parameter in call["parameters"] if parameter["in"] == "query"}
        for name, call in operations(document)
        if "parameters" in call
    }
    paging = {"page", "page_size", "cursor", "limit", "offset"}

    assert names.pop("GET /events") == paging | {"ids"} | set(EventFilters.base_filters)
    assert names.pop("GET /events/search") == paging | set(SearchFilters.base_filters)
    assert names.pop("GET /events/{event_id}/registrations") == paging | set(RegistrationFilters.base_filters)
    assert names.pop("GET /events/{event_id}/attendance") == paging | set(RegistrationFilters.base_filters)
    assert names.pop("GET /events/users/{user_id}/events") == paging | set(RegistrationFilters.base_filters)


def test_no_two_calls_share_a_name(document: dict[str, Any]) -> None:
    names = [call["operationId"] for _, call in operations(document)]

    assert len(names) == len(set(names))


def test_every_call_asks_for_a_bearer_token(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert {name: call.get("security") for name, call in operations(document)} == {
        name: None if name in WITHOUT_A_TOKEN else [{"bearer": []}] for name, _ in operations(document)
    }


def test_the_answers_are_as_described(document: dict[str, Any], alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=2, latitude="1.5", longitude="2.25")
    make_event(alice)
    answers = {
        ("/events", "get", "200"): alice.get("/events"),
        ("/events", "post", "201"): alice.post("/events", event_fields()),
        ("/events", "post", "422"): alice.post("/events", {}),
        ("/events/{event_id}", "get", "200"): alice.get(f"/events/{event.id}"),
        ("/events/{event_id}", "patch", "200"): alice.patch(f"/events/{event.id}", {"title": "New"}),
        ("/events/categories", "get", "200"): alice.get("/events/categories"),
        ("/events/{event_id}/register", "post", "201"): bob.post(f"/events/{event.id}/register"),
        ("/events/{event_id}/register", "post", "409"): bob.post(f"/events/{event.id}/register"),
        ("/events/{event_id}/registrations", "get", "200"): alice.get(f"/events/{event.id}/registrations"),
        ("/events/users/{user_id}/calendar-feed", "post", "201"): bob.post(f"/events/users/{bob.id}/calendar-feed"),
        ("/events/users/{user_id}/events", "get", "200"): bob.get(f"/events/users/{bob.id}/events"),
        ("/events/{event_id}/register", "delete", "200"): bob.delete(f"/events/{event.id}/register"),
        ("/events/{event_id}/cancel", "post", "200"): alice.post(f"/events/{event.id}/cancel", {"reason": "rain"}),
    }

    assert {
        (*call, problem) for call, answer in answers.items() for problem in problems(document, call, answer)
    } == set()


def problems(document: dict[str, Any], call: tuple[str, str, str], answer: Any) -> list[str]:
    """What in the answer is not as the document says."""
    path, method, status = call
    if answer.status_code != int(status):
        return [f"status {answer.status_code}"]
    schema = document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    validator = OAS30Validator({**closed(schema), "components": closed(document["components"])})
    return [error.message for error in validator.iter_errors(answer.json())]


def closed(schema: Any) -> Any:
    """The schema with every object complete and nothing beside what it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        return {"required": list(schema["properties"]), **inner, "additionalProperties": False}
    return inner


def test_the_documentation_is_shown_from_local_files_only(anonymous: Caller) -> None:
    page = anonymous.get("/docs")
    text = page.content.decode()
    addresses = re.findall(r'(?:href|src)="([^"]+)"', text)
    files = {address: Client().get(address) for address in addresses}
    answers = {address: response.status_code for address, response in files.items()}
    for response in files.values():
        response.close()

    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert len([address for address in addresses if address.startswith("/static/drf_spectacular_sidecar/")]) == 4
    assert answers == dict.fromkeys(addresses, 200)
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text) == []
    assert "/schema" in text
