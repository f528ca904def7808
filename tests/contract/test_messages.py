"""What Kafka hears of a real run: valid by the published schemas, and letter for letter as reviewed in `golden/`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from jsonschema import Draft202012Validator

from integrations.models import Destination, OutboxMessage, UserProfile
from integrations.users.handlers import user_updated
from registrations.handlers import user_deleted
from tests.conftest import caller
from tests.factories import event_fields, in_days, make_event

pytestmark = pytest.mark.django_db

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "messages"
GOLDEN = Path(__file__).with_name("golden")
ASYNCAPI = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
SENT = sorted(ASYNCAPI["channels"]["events"]["messages"])


def schema_of(message_type: str) -> dict[str, Any]:
    schema = json.loads((SCHEMAS / f"{message_type}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return dict(schema)


def faults(message_type: str, payload: object) -> list[str]:
    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(schema_of(message_type), format_checker=checker)
    return [error.message for error in validator.iter_errors(payload)]


@pytest.fixture(scope="module")
def told(kept_rows: None) -> list[OutboxMessage]:
    """An evening from its announcement to its cancellation, one that took place, and one that nobody wanted."""
    alice, bob, carol = map(caller, (101, 102, 103))
    body = event_fields(
        start_date="2099-05-01T18:00:00Z", end_date="2099-05-01T21:30:00+02:00", tags=["Tech", "startup"]
    )
    event_id = alice.post("/events", body).json()["id"]
    alice.patch(f"/events/{event_id}", {"title": "Tech Networking Night", "category": "Meetup"})
    bob.post(f"/events/{event_id}/register")
    bob.delete(f"/events/{event_id}/register")
    carol.post(f"/events/{event_id}/register")
    alice.post(f"/events/{event_id}/cancel", {"reason": "Insufficient registrations"})
    small = make_event(alice, start_date=in_days(7), max_attendees=1)
    carol.post(f"/events/{small.id}/register")
    bob.post(f"/events/{small.id}/register", {"waitlist": True})
    carol.delete(f"/events/{small.id}/register")
    over = make_event(alice, start_date=in_days(-1))
    guest = over.registrations.create(user_id=carol.id)
    alice.post(f"/events/{over.id}/check-in", {"user_id": str(carol.id)})
    alice.delete(f"/events/{over.id}/registrations/{guest.id}/check-in")
    alice.post(f"/events/{over.id}/attendance", {"no_show": [str(carol.id)]})
    alice.post(f"/events/{over.id}/complete")
    alice.delete(f"/events/{make_event(alice).id}")
    return list(OutboxMessage.objects.filter(destination=Destination.KAFKA).order_by("id"))


def test_every_message_is_valid_and_keyed_by_its_event(told: list[OutboxMessage]) -> None:
    assert sorted({message.message_type for message in told}) == SENT
    for message in told:
        assert faults(message.message_type, message.payload) == []
        assert message.payload["event_type"] == message.message_type
        assert message.payload["event_id"] == message.key


@pytest.mark.parametrize("message_type", SENT)
def test_the_message_is_the_golden_one(told: list[OutboxMessage], message_type: str) -> None:
    """When a change is meant, the file changes with it and a reviewer sees what consumers will see."""
    payload = next(message.payload for message in told if message.message_type == message_type)
    names = {
        payload["event_id"]: "<the event>",
        payload.get("registration_id", ""): "<the registration>",
    }
    named = {key: names.get(value, value) if isinstance(value, str) else value for key, value in payload.items()}
    assert named["timestamp"].startswith("20")

    assert {**named, "timestamp": "<now>"} == json.loads((GOLDEN / f"{message_type}.json").read_text())


@pytest.mark.parametrize("change", [{"extra": 1}, {"event_id": "7"}, {"timestamp": "2026-01-01T00:00:00+00:00"}])
def test_a_schema_refuses_what_the_contract_does_not_say(told: list[OutboxMessage], change: dict[str, Any]) -> None:
    for message in told:
        assert faults(message.message_type, {**message.payload, **change}) != []


PLATFORM_EXAMPLES = {
    "user.updated": {
        "event_type": "user.updated",
        "user_id": "2c1e9a52-6d0d-4a0c-9d5f-0b6d5cbb9a11",
        "updated_fields": ["location", "industry", "interests"],
        "location": "San Francisco, CA",
        "industry": "Technology",
        "interests": ["AI", "Blockchain"],
        "timestamp": "2025-09-28T16:30:00Z",
    },
    "user.deleted": {"event_type": "user.deleted", "user_id": 17, "timestamp": "2025-09-28T16:30:00Z"},
}


def test_the_platforms_own_examples_are_valid_and_handled() -> None:
    for message_type, payload in PLATFORM_EXAMPLES.items():
        assert faults(message_type, payload) == []
    user_updated(PLATFORM_EXAMPLES["user.updated"])
    user_deleted(PLATFORM_EXAMPLES["user.deleted"])


def test_fields_and_versions_that_we_do_not_know_are_no_hindrance() -> None:
    newer = {"schema_version": 9, "avatar": {"url": "https://example.com/a.png"}, "interests_v2": [1]}
    for message_type, payload in PLATFORM_EXAMPLES.items():
        assert faults(message_type, {**payload, **newer}) == []
    user_updated({**PLATFORM_EXAMPLES["user.updated"], **newer})
    user_deleted({**PLATFORM_EXAMPLES["user.deleted"], **newer})

    profile = UserProfile.objects.get(user_id=PLATFORM_EXAMPLES["user.updated"]["user_id"])
    assert (profile.location, profile.removed_at) == ("San Francisco, CA", None)
    assert UserProfile.objects.get(user_id=UUID(int=17)).removed_at is not None


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        node = list(node.values())
    for child in node if isinstance(node, list) else []:
        yield from references(child)


def test_the_asyncapi_document_leads_to_every_schema_and_to_nothing_else() -> None:
    files = {reference.removeprefix("./") for reference in references(ASYNCAPI) if reference.startswith("./")}
    assert files == {file.name for file in SCHEMAS.glob("*.json")}
    for reference in references(ASYNCAPI):
        node: Any = ASYNCAPI
        for name in reference.removeprefix("#/").split("/") if reference.startswith("#/") else []:
            node = node[name]
    assert {f"{name}.json" for channel in ASYNCAPI["channels"].values() for name in channel["messages"]} == files
