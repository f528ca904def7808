"""The image is the service that `make run` starts: the same web command, under a user of its own, and nothing more."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import orjson
import pytest

from meetinity_events.embedded.commands import CHILDREN, Child
from meetinity_events.embedded.data_folder import PROJECT_ROOT

# The health check of the platform's document, word for word.
HEALTHCHECK = (
    "--interval=30s --timeout=10s --start-period=5s --retries=3 CMD curl -f http://localhost:8083/health || exit 1"
)


def read_instructions() -> list[tuple[str, str]]:
    """Each instruction with its words, comments left out and continued lines joined."""
    text = (PROJECT_ROOT / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [(name, words) for name, _, words in (line.partition(" ") for line in joined.splitlines())]


def words_of(name: str) -> list[str]:
    """The words of every instruction of that name, in order."""
    return [words for instruction, words in read_instructions() if instruction == name]


def copied_paths() -> list[str]:
    """What the image takes from the repository; a copy from another stage is not from there."""
    return [path for words in words_of("COPY") if "--from" not in words for path in shlex.split(words)[:-1]]


def ignored(path: str) -> bool:
    """What .dockerignore says, of which the last line that matches counts; its `**/` is any folder."""
    is_ignored = False
    for line in (PROJECT_ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and matches(path, pattern):
            is_ignored = not line.startswith("!")
    return is_ignored


def matches(path: str, pattern: str) -> bool:
    """A pattern names a path from the root, and everything below it."""
    parts = Path(path).parts
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    return any(
        len(parts[:depth]) == len(Path(pattern).parts) and fnmatch("/".join(parts[:depth]), pattern)
        for depth in range(1, len(parts) + 1)
    )


def test_the_image_starts_the_web_as_make_run_does() -> None:
    web = next(child for child in CHILDREN if child.name == "web")

    assert [orjson.loads(words) for words in words_of("CMD")] == [list(web.command)]


@pytest.mark.parametrize("child", CHILDREN[1:], ids=lambda child: child.name)
def test_the_dockerfile_tells_the_command_of_every_other_process(child: Child) -> None:
    text = (PROJECT_ROOT / "Dockerfile").read_text()
    data_dir = dict(word.split("=", 1) for words in words_of("ENV") for word in shlex.split(words))["DATA_DIR"]

    assert f"#   {' '.join(child.arguments(Path(data_dir)))}" in text


def test_the_image_is_built_in_two_stages_from_pinned_and_hashed_packages() -> None:
    install = next(words for words in words_of("RUN") if words.startswith("pip install"))

    assert words_of("FROM") == ["python:3.11-slim AS builder", "python:3.11-slim AS runtime"]
    assert install.endswith("--require-hashes -r requirements/base.txt")
    assert "--from=builder /opt/venv /opt/venv" in words_of("COPY")


def test_the_service_runs_as_a_user_of_its_own_and_tells_its_port_and_health() -> None:
    names = [name for name, _ in read_instructions()]

    assert (
        "groupadd -r -g 10001 meetinity && useradd -r -u 10001 -g meetinity -d /var/lib/meetinity meetinity"
        in words_of("RUN")
    )
    assert words_of("USER") == ["10001"]
    assert names[names.index("USER") :] == ["USER", "EXPOSE", "HEALTHCHECK", "CMD"]
    assert words_of("EXPOSE") == ["8083"]
    assert words_of("HEALTHCHECK") == [HEALTHCHECK]


def test_no_secret_stays_in_the_image() -> None:
    environment = {word.split("=", 1)[0] for words in words_of("ENV") for word in shlex.split(words)}

    assert environment == {"PATH", "PYTHONUNBUFFERED", "SERVICE_ENV", "DATA_DIR", "PROMETHEUS_MULTIPROC_DIR"}
    assert words_of("ARG") == []


def test_every_copied_path_exists_and_reaches_the_build() -> None:
    assert [path for path in copied_paths() if not (PROJECT_ROOT / path).exists()] == []
    assert [path for path in copied_paths() if ignored(path)] == []


def test_every_package_of_the_service_is_copied() -> None:
    packages = {path.parent.name for path in PROJECT_ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}

    assert packages == {path for path in copied_paths() if (PROJECT_ROOT / path).is_dir()}


@pytest.mark.parametrize(
    "path",
    [
        ".venv/bin/python",
        ".data/secrets.env",
        ".git/config",
        ".env",
        "tests/conftest.py",
        "uploads/events/a.png",
        "requirements/dev.txt",
        "events/__pycache__/models.cpython-311.pyc",
    ],
)
def test_the_build_does_not_see(path: str) -> None:
    assert ignored(path)
