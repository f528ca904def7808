"""`python -m tests.broker.apache` on a machine that lacks what it needs: one line that says what, and exit code 1."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.broker.apache import __main__ as command
from tests.broker.apache.brokers import KINDS


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Only these are on the PATH, each saying something as its version; nothing was fetched yet."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(command, "stop_on_signals", lambda: None)

    def put(**said: str) -> None:
        for name, words in said.items():
            (tmp_path / name).write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
            (tmp_path / name).chmod(0o755)

    return put


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({}, "Java 17 or newer is needed to run Apache Kafka, and there is no java on the PATH."),
        ({"java": 'openjdk version "11.0.2" 2019'}, "java is openjdk version"),
        ({"java": "hello"}, "java is hello."),
        (
            {"java": 'openjdk version "17.0.9"'},
            "Maven is needed to fetch Apache Kafka, and there is no mvn on the PATH.",
        ),
    ],
    ids=["no Java", "an old Java", "no Java at all", "no Maven"],
)
def test_what_is_missing_is_one_line_and_exit_code_1(
    programs: Callable[..., None], capsys: pytest.CaptureFixture[str], said: dict[str, str], line: str
) -> None:
    programs(**said)

    assert command.main([]) == 1

    (told,) = capsys.readouterr().err.splitlines()
    assert line in told


def test_what_maven_says_is_told_when_it_fails(
    programs: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    programs(java='openjdk version "21.0.1"', mvn="no such host")

    assert command.main([]) == 1

    assert capsys.readouterr().err == f"Maven could not fetch {KINDS[0]}:\nno such host\n\n"
    assert not [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_a_kafka_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["kafka-2"]) == 2
    assert capsys.readouterr().err.startswith("usage: ")
