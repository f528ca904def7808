"""compose.yaml starts what `make run` starts, with the same words, once the servers that it needs are well."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from meetinity_events.embedded import postgres, redis
from meetinity_events.embedded.commands import CHILDREN, Child
from meetinity_events.embedded.data_folder import METRICS_FOLDER, PROJECT_ROOT

FILE = PROJECT_ROOT / "compose.yaml"
DATA_DIR = Path("/var/lib/meetinity")
# The addresses that `make run` hands to its children, and what compose.yaml makes of them.
SERVERS = {
    "DATABASE_URL": "postgres",
    "REDIS_URL": "redis-cache",
    "CELERY_BROKER_URL": "redis-broker",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka",
}
SECRETS = {"POSTGRES_PASSWORD", "DJANGO_SECRET_KEY", "JWT_SECRET"}
CHECK = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """As written, with its anchors followed and its variables left as they are."""
    body: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return body


@pytest.fixture(scope="module")
def services(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name."""
    found: dict[str, dict[str, Any]] = document["services"]
    return found


def own(services: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The services that run our image."""
    return ((name, service) for name, service in services.items() if service["image"].startswith("meetinity/"))


def is_checked(service: dict[str, Any]) -> bool:
    """True when Compose can tell that it is well."""
    return "test" in service.get("healthcheck", {})


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    """What `make check-compose` does."""
    return subprocess.run([*CHECK, str(file)], capture_output=True, text=True, check=False, cwd=file.parent)


def test_the_file_fits_the_compose_specification() -> None:
    done = validate(FILE)

    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n")
    assert f"{' '.join(CHECK[1:])} {FILE.name}" in (PROJECT_ROOT / "Makefile").read_text()


def test_a_misspelt_key_does_not_fit_it(tmp_path: Path) -> None:
    draft = tmp_path / "compose.yaml"
    draft.write_text(FILE.read_text().replace("stop_grace_period", "stop_grace_time"))

    assert validate(draft).returncode == 1


@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.name)
def test_a_process_runs_the_command_of_make_run_and_has_its_time_to_stop(
    child: Child, services: dict[str, dict[str, Any]]
) -> None:
    service = services[child.name]

    assert service["command"] == list(child.arguments(DATA_DIR))
    assert service["stop_grace_period"] == f"{child.stop_seconds}s"
    assert service["restart"] == "unless-stopped"


def test_our_image_runs_those_processes_and_the_migration(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, _ in own(services)} == {*(child.name for child in CHILDREN), "migrate"}


def test_the_image_is_built_once_and_is_the_version_of_the_project(services: dict[str, dict[str, Any]]) -> None:
    version = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]["version"]
    policies = {name: service["pull_policy"] for name, service in own(services)}

    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    assert policies == {**{child.name: "never" for child in CHILDREN}, "migrate": "build"}
    assert {service["image"] for _, service in own(services)} == {f"meetinity/event-service:{version}"}


def test_the_migration_takes_the_steps_of_make_run_once(services: dict[str, dict[str, Any]]) -> None:
    source = (PROJECT_ROOT / "meetinity_events/embedded/run.py").read_text()
    steps = [step for step in re.findall(r'run_manage\(environ, "(\w+)"\)', source) if step != "seed_demo"]

    assert services["migrate"]["command"] == ["sh", "-c", " && ".join(f"python manage.py {step}" for step in steps)]
    assert services["migrate"]["restart"] == "no"


def test_our_processes_have_the_variables_of_make_run(services: dict[str, dict[str, Any]]) -> None:
    source = (PROJECT_ROOT / "meetinity_events/embedded/run.py").read_text()
    set_by_run = set(re.findall(r'"([A-Z_]{6,})":|environ\["([A-Z_]+)"\] =', source))
    names = {first or second for first, second in set_by_run} | set(SERVERS)

    for _, service in own(services):
        variables = service["environment"]
        assert names - set(variables) == set()
        assert variables["SERVICE_ENV"] == "production"
        assert variables["DATA_DIR"] == str(DATA_DIR)
        assert variables["PROMETHEUS_MULTIPROC_DIR"] == str(DATA_DIR / METRICS_FOLDER)
        assert service["tmpfs"][0].split(":")[0] == variables["PROMETHEUS_MULTIPROC_DIR"]
        assert service["env_file"] == ".env"


def test_the_variables_lead_to_the_servers_of_the_file(services: dict[str, dict[str, Any]]) -> None:
    variables = services["web"]["environment"]
    hosts = {name: re.search(r"(?:@|//|:-)([a-z-]+):\d+[^$]*}$", variables[name]) for name in SERVERS}

    assert {name: found and found[1] for name, found in hosts.items()} == SERVERS
    assert services["kafka-on-zookeeper"]["networks"] == {"default": {"aliases": [SERVERS["KAFKA_BOOTSTRAP_SERVERS"]]}}


def test_no_secret_has_a_default_and_none_is_written_down() -> None:
    text = FILE.read_text()
    asked_for = re.findall(r"\$\{(\w+)(:\?|:-|-|\?|})", text)

    assert {name for name, sign in asked_for if sign == ":?"} == SECRETS
    assert {sign for name, sign in asked_for if name in SECRETS} == {":?"}
    assert re.findall(r"(?:PASSWORD|SECRET\w*): (?!\$\{)\S+", text) == []


def test_every_image_of_others_is_pinned_to_a_release(services: dict[str, dict[str, Any]]) -> None:
    tags = {service["image"] for service in services.values() if not service["image"].startswith("meetinity/")}

    assert [tag for tag in tags if not re.search(r":\d+\.\d+\.?\d*(-\w+)?$", tag)] == []
    assert services["postgres"]["image"].split(":")[1].split(".")[0] == "15"


def test_whoever_needs_a_server_waits_until_it_is_well(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed == "migrate" else "service_healthy"
            assert (name, needed, how["condition"]) == (name, needed, expected)
            assert needed == "migrate" or is_checked(services[needed])


def test_our_processes_wait_for_every_server_and_for_the_migration(services: dict[str, dict[str, Any]]) -> None:
    servers = {*SERVERS.values(), "kafka-on-zookeeper"}

    for name, service in own(services):
        assert set(service["depends_on"]) == (servers if name == "migrate" else {*servers, "migrate"})


def test_either_profile_brings_one_kafka_and_nothing_needs_the_other(services: dict[str, dict[str, Any]]) -> None:
    profiles = {name: service["profiles"] for name, service in services.items() if "profiles" in service}
    optional = {
        needed
        for _, service in own(services)
        for needed, how in service["depends_on"].items()
        if how.get("required") is False
    }

    assert profiles == {"kafka": ["kraft"], "zookeeper": ["zookeeper"], "kafka-on-zookeeper": ["zookeeper"]}
    assert optional == {"kafka", "kafka-on-zookeeper"}
    assert list(services["kafka-on-zookeeper"]["depends_on"]) == ["zookeeper"]


def test_the_servers_are_set_up_as_those_of_make_run(services: dict[str, dict[str, Any]]) -> None:
    def pairs(words: list[str]) -> set[tuple[str, str]]:
        return set(zip(words[::2], words[1::2], strict=True))

    options = [word for setting in postgres.SETTINGS for word in ("-c", setting)]
    assert services["postgres"]["command"] == ["postgres", *options]
    assert pairs(services["redis-cache"]["command"][1:]) == pairs(["--save", "", *redis.CACHE_OPTIONS])
    assert pairs(services["redis-broker"]["command"][1:]) == pairs(["--save", "", *redis.BROKER_OPTIONS])


def test_postgres_starts_with_the_extension_of_make_run(document: dict[str, Any]) -> None:
    content = document["configs"]["first-statements"]["content"]

    assert content in postgres.FIRST_STATEMENTS.splitlines()


def test_the_web_is_reached_and_checked_as_the_platform_does_it(services: dict[str, dict[str, Any]]) -> None:
    web = services["web"]

    assert web["ports"] == ["${APP_PORT:-8083}:8083"]
    assert web["environment"]["APP_PORT"] == "8083"
    assert web["networks"] == {"default": {"aliases": ["event-service"]}}
    assert web["healthcheck"]["test"] == ["CMD", "curl", "-f", "http://localhost:8083/health"]
    assert [name for name, service in services.items() if "ports" in service] == ["web"]


def test_a_worker_is_well_by_the_sign_of_life_of_its_own_name(services: dict[str, dict[str, Any]]) -> None:
    nodes = {name: services[name]["command"][-1].removesuffix("@%h") for name in ("worker", "outbox")}
    for name, node in {**nodes, "consumer": "consumer"}.items():
        assert services[name]["healthcheck"]["test"] == ["CMD", "python", "manage.py", "worker_alive", node]


def test_what_must_outlast_a_container_lies_in_a_named_volume(document: dict[str, Any]) -> None:
    services = document["services"]
    mounted = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}

    assert mounted == set(document["volumes"])
    assert services["postgres"]["volumes"] == ["postgres-data:/var/lib/postgresql/data"]
    assert services["redis-broker"]["volumes"] == ["broker-data:/data"]
    assert services["kafka"]["volumes"] == [f"kafka-data:{services['kafka']['environment']['KAFKA_LOG_DIRS']}"]
    assert services["web"]["volumes"] == services["worker"]["volumes"] == ["uploads:/app/uploads/events"]
