"""`.env.example` names what the settings read, as the README's table does, and its values change nothing."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

import meetinity_events.settings
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from tests.settings.processes import read_refusal, read_settings

FILE = PROJECT_ROOT / ".env.example"
# Read by prometheus_client and gunicorn_conf, by the embedded PostgreSQL, and by Amazon's library.
READ_BESIDE_THE_SETTINGS = {
    "PROMETHEUS_MULTIPROC_DIR",
    "EMBEDDED_POSTGRES_BIN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}
# Docker Compose reads the one, the postgres container the other.
READ_BY_COMPOSE = {"COMPOSE_PROFILES", "POSTGRES_PASSWORD"}
# `make run` makes it and prints it.


def example() -> dict[str, str]:
    """The variables of the file."""
    return {name: value or "" for name, value in dotenv_values(FILE, interpolate=False).items()}


def variables_in(source: str) -> set[str]:
    """The names that a module of the settings hands to a reader: `env.str("NAME")`, `read_number("NAME", 1)`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    readers = [call for call in calls if re.match(r"(env\.|read_)\w+$", ast.unparse(call.func))]
    return {call.args[0].value for call in readers if isinstance(call.args[0], ast.Constant)}


def variables_of_the_settings() -> set[str]:
    """All of them."""
    folder = Path(meetinity_events.settings.__file__).parent
    return set().union(*(variables_in(file.read_text()) for file in folder.glob("*.py")))


def variables_of_the_readme() -> set[str]:
    """The first column of its table; a name that begins with `_` takes its beginning from the one before."""
    table = (PROJECT_ROOT / "README.md").read_text().split("## Configuration")[1].split("\n## ")[0]
    names: list[str] = []
    for row in re.findall(r"^\| (`[A-Z].*?) \|", table, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", row):
            names.append(names[-1].rpartition("_")[0] + name if name.startswith("_") else name)
    return set(names)


def servers() -> set[str]:
    """What stays empty for the containers of compose.yaml."""
    text = (PROJECT_ROOT / "compose.yaml").read_text()
    return {name for name, default in re.findall(r"\$\{(\w+):-([^}]*)", text) if "://" in default or ":9092" in default}


def is_plain(value: Any) -> bool:
    """Not an object that another process would write otherwise."""
    if isinstance(value, dict):
        return all(is_plain(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_plain(inner) for inner in value)
    return value is None or isinstance(value, (str, int, float, Path))


def test_the_file_names_every_variable_that_is_read_and_no_other() -> None:
    assert set(example()) == variables_of_the_settings() | READ_BESIDE_THE_SETTINGS | READ_BY_COMPOSE


def test_the_readme_names_the_same() -> None:
    assert variables_of_the_readme() == set(example()) - READ_BY_COMPOSE


def test_every_variable_stands_once_below_one_line_that_explains_it() -> None:
    lines = FILE.read_text().splitlines()
    assigned = [number for number, line in enumerate(lines) if re.match(r"\w+=", line)]

    assert len(assigned) == len(example())
    assert [lines[number] for number in assigned if not lines[number - 1].startswith("# ")] == []
    assert [lines[number] for number in assigned if lines[number - 2].startswith("# ")] == []


def test_copying_the_file_changes_no_setting(tmp_path: Path) -> None:
    own = {"DJANGO_SECRET_KEY": "d" * 43, "JWT_SECRET": "j" * 43, "DATA_DIR": str(tmp_path)}
    copied = {name: value for name, value in example().items() if name not in servers()} | own
    names = [name for name, value in vars(meetinity_events.settings).items() if name.isupper() and is_plain(value)]

    assert {"RATE_LIMITS", "ALLOWED_HOSTS", "WEB_WORKERS", "CACHE_TTL", "JWT_ISSUER"} - set(names) == set()
    assert read_settings(tmp_path, *names, **copied) == read_settings(tmp_path, *names, SERVICE_ENV="production", **own)


def test_the_servers_are_left_to_compose() -> None:
    assert servers() == {
        "DATABASE_URL",
        "REDIS_URL",
        "CELERY_BROKER_URL",
        "KAFKA_BOOTSTRAP_SERVERS",
        "USER_SERVICE_URL",
        "MATCHING_SERVICE_URL",
    }
    assert {name: example()[name] for name in servers()} == dict.fromkeys(servers(), "")


@pytest.mark.parametrize("name", ["DJANGO_SECRET_KEY", "JWT_SECRET"])
def test_production_refuses_the_secret_of_the_file(name: str, tmp_path: Path) -> None:
    secrets = {"DJANGO_SECRET_KEY": "d" * 43, "JWT_SECRET": "j" * 43, name: example()[name]}

    said = read_refusal(tmp_path, SERVICE_ENV="production", **secrets)

    assert said == f'Refusing to start. Environment variable "{name}" invalid: production needs a secret of its own\n'


def test_no_other_value_is_a_secret() -> None:
    words = ("SECRET", "PASSWORD", "KEY")
    given = {name: value for name, value in example().items() if any(word in name for word in words)}

    assert given == {
        "POSTGRES_PASSWORD": "",
        "DJANGO_SECRET_KEY": "change_me",
        "JWT_SECRET": "change_me",
        "DEMO_ADMIN_PASSWORD": "",
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
