"""Each rule of the floor plan in pyproject.toml breaks when an import goes against it, and no other rule does."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("meetinity_events", "integrations", "categories", "events", "registrations")

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


def read_contracts() -> list[str]:
    """The names of the rules, in the order of pyproject.toml."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the five packages under the contracts of the repository."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_ROOT / "pyproject.toml", folder)
    return folder


@contextmanager
def planted(house: Path, importer: str, imported: str) -> Iterator[None]:
    """While the block runs, the module `importer` also imports `imported`."""
    path = house / importer.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = file.read_text()
    file.write_text(f"{text}\nimport {imported}\n")
    try:
        yield
    finally:
        file.write_text(text)


def lint(house: Path) -> tuple[int, list[str]]:
    """The exit code, and the contracts that are broken. The cache beside the copy keeps what did not change."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--cache-dir", str(house / "cache")]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, timeout=120, check=False)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    said = " ".join(done.stdout.split("Broken contracts")[0].split())
    return done.returncode, [name for name in read_contracts() if f"{name} BROKEN" in said]


def test_the_house_as_it_stands_keeps_its_contracts(house: Path) -> None:
    assert lint(house) == (0, [])


def test_every_contract_has_a_violation_here() -> None:
    assert {broken for _, _, broken in VIOLATIONS} == set(read_contracts())


@pytest.mark.parametrize(("importer", "imported", "broken"), VIOLATIONS)
def test_an_import_against_the_plan_is_named(importer: str, imported: str, broken: str, house: Path) -> None:
    with planted(house, importer, imported):
        assert lint(house) == (1, [broken])


def test_a_door_may_call_any_app(house: Path) -> None:
    with planted(house, "events.tasks", "registrations.services.cancel_event"):
        assert lint(house) == (0, [])
