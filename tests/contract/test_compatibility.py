"""What consumers were promised stays: no field of a released message is removed, retyped or made optional.

`released.json` holds the fields of every message as they were released, and grows with the schemas. The way to change a
field is another message type beside the old one.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_messages import ASYNCAPI, SCHEMAS, schema_of

RELEASED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("released.json").read_text())
HEARD = set(ASYNCAPI["channels"]["users"]["messages"])


def shape_of(schema: dict[str, Any]) -> dict[str, Any]:
    """What a program relies on: each field's type, format and constant, and which fields are always there."""
    fields = {
        name: {key: field[key] for key in ("type", "format", "const", "items") if key in field}
        for name, field in schema["properties"].items()
    }
    for field in fields.values():
        if "items" in field:
            field["items"] = field["items"]["type"]
    return {"fields": fields, "required": sorted(schema["required"])}


def breaks(message_type: str, schema: dict[str, Any], released: dict[str, Any]) -> list[str]:
    """What a schema takes away from those who read (or, of a message that we hear, write) the released one."""
    now = shape_of(schema)
    faults = [
        f"{name}: {was} became {now['fields'].get(name, 'nothing')}"
        for name, was in released["fields"].items()
        if now["fields"].get(name) != was
    ]
    promised, required = set(released["required"]), set(now["required"])
    lost = required - promised if message_type in HEARD else promised - required
    return faults + [f"{name}: is {'demanded' if message_type in HEARD else 'no longer promised'}" for name in lost]


@pytest.mark.parametrize("message_type", sorted(RELEASED))
def test_the_schema_keeps_what_was_released(message_type: str) -> None:
    assert breaks(message_type, schema_of(message_type), RELEASED[message_type]) == []


def test_every_field_is_on_record() -> None:
    """A new field or message is added to `released.json`, so that it cannot be taken away later unseen."""
    assert {file.stem: shape_of(schema_of(file.stem)) for file in SCHEMAS.glob("*.json")} == RELEASED


@pytest.mark.parametrize("message_type", sorted(RELEASED))
def test_a_removed_retyped_or_unpromised_field_is_noticed(message_type: str) -> None:
    """The control: each field of each message, taken away in each way."""
    schema = schema_of(message_type)
    for name in schema["properties"]:
        removed, retyped, other = copy.deepcopy(schema), copy.deepcopy(schema), copy.deepcopy(schema)
        del removed["properties"][name]
        retyped["properties"][name] = {"type": "boolean", "format": "other"}
        other["required"] = sorted({*schema["required"]} ^ {name})
        assert breaks(message_type, removed, RELEASED[message_type])
        assert breaks(message_type, retyped, RELEASED[message_type])
        is_worse = (name in schema["required"]) is (message_type not in HEARD)
        assert bool(breaks(message_type, other, RELEASED[message_type])) is is_worse


def test_a_new_field_breaks_nobody() -> None:
    schema = schema_of("event.deleted")
    schema["properties"]["reason"] = {"type": "string"}

    assert breaks("event.deleted", schema, RELEASED["event.deleted"]) == []
