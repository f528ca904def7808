"""Each rule of the floor plan in pyproject.toml breaks when an import goes against it, and no other rule does."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from grimp import ImportGraph
from importlinter.api import read_configuration
from importlinter.application.app_config import settings as linter
from importlinter.contracts import forbidden, layers, protected

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
KINDS = {
    "forbidden": forbidden.ForbiddenContract,
    "layers": layers.LayersContract,
    "protected": protected.ProtectedContract,
}

FLOORS = "A lower floor never imports a higher one; only its doors may call any app"
DOORS = "A door is opened from outside: only the URL table and other doors import one"
INSIDE_REGISTRATIONS = "Inside registrations: services, then messages, then models, then querysets, then errors"
INSIDE_EVENTS = (
    "Inside events: services, then ownership and messages, then models, then querysets, then status, then errors"
)
SETTINGS = "Settings are read through django.conf"
SERVERS = "The servers of development stand beside the house"
APPS = "No app knows the servers of development"

# Who imports, what, and which rule that breaks.
VIOLATIONS = [
    ("registrations.models", "meetinity_events.health", FLOORS),
    ("events.services.seats", "registrations.errors", FLOORS),
    ("categories.models", "events.status", FLOORS),
    ("integrations.outbox.record", "categories.defaults", FLOORS),
    ("meetinity_events.api.throttling", "integrations.errors", FLOORS),
    ("meetinity_events.errors", "meetinity_events.observability.metrics", FLOORS),
    ("events.services.seats", "events.tasks", DOORS),
    ("registrations.models", "registrations.messages", INSIDE_REGISTRATIONS),
    ("events.status", "events.models", INSIDE_EVENTS),
    ("integrations.outbox.relay", "meetinity_events.settings", SETTINGS),
    ("meetinity_events.embedded.ports", "integrations.errors", SERVERS),
    ("events.services.seats", "meetinity_events.embedded.ports", APPS),
]


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    """The rules of pyproject.toml as `lint-imports` reads them."""
    return read_configuration(str(PYPROJECT))


@pytest.fixture(scope="module")
def house(rules: dict[str, Any]) -> ImportGraph:
    """Which module imports which, as `lint-imports` sees it."""
    session = rules["session_options"]
    return linter.GRAPH_BUILDER.build(
        root_package_names=session["root_packages"],
        include_external_packages=False,
        exclude_type_checking_imports=session["exclude_type_checking_imports"] == "True",
        cache_dir=None,
    )


def planted(house: ImportGraph, importer: str, imported: str) -> ImportGraph:
    """The same house, where the module `importer` also imports `imported`."""
    assert {importer, imported} <= house.modules
    changed = deepcopy(house)
    changed.add_import(importer=importer, imported=imported)
    return changed


def broken_rules(house: ImportGraph, rules: dict[str, Any]) -> list[str]:
    """The names of the rules that this house does not keep."""
    contracts = [
        KINDS[options["type"]](options["name"], rules["session_options"], options)
        for options in rules["contracts_options"]
    ]
    return [contract.name for contract in contracts if not contract.check(deepcopy(house), verbose=False).kept]


def test_the_house_as_it_stands_keeps_its_contracts(house: ImportGraph, rules: dict[str, Any]) -> None:
    assert broken_rules(house, rules) == []


def test_every_contract_has_a_violation_here(rules: dict[str, Any]) -> None:
    assert {broken for _, _, broken in VIOLATIONS} == {options["name"] for options in rules["contracts_options"]}


@pytest.mark.parametrize(("importer", "imported", "broken"), VIOLATIONS)
def test_an_import_against_the_plan_is_named(
    importer: str, imported: str, broken: str, house: ImportGraph, rules: dict[str, Any]
) -> None:
    assert broken_rules(planted(house, importer, imported), rules) == [broken]


def test_a_door_may_call_any_app(house: ImportGraph, rules: dict[str, Any]) -> None:
    assert broken_rules(planted(house, "events.tasks", "registrations.services.cancel_event"), rules) == []
