"""The service does not start with a handler that does not exist, or a topic that no Kafka can have."""

import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import get_commands, load_command_class

from integrations.checks import check_handlers, check_topics
from meetinity_events.embedded.data_folder import PROJECT_ROOT


def test_every_handler_of_the_settings_exists() -> None:
    assert check_handlers() == []


@pytest.mark.parametrize("path", ["nowhere.at.all", "integrations.users.handlers.no_such", "no_dot", "django.VERSION"])
def test_a_handler_that_is_no_function_is_an_error_of_the_system_check(settings: Any, path: str) -> None:
    settings.KAFKA_HANDLERS = {"user.updated": [path]}

    (error,) = [message for message in run_checks(tags=["kafka"]) if message.id == "integrations.E001"]
    assert error in run_checks()
    assert error.msg == f"KAFKA_HANDLERS['user.updated']: {path} is not a function."


@pytest.mark.parametrize("name", ["", ".", "..", "an event", "é", "/matches", "events\n", "x" * 250])
def test_a_topic_that_no_kafka_can_have_is_an_error_of_the_system_check(settings: Any, name: str) -> None:
    assert check_topics() == []
    settings.KAFKA_EVENT_TOPIC = "x" * 249
    settings.KAFKA_USER_TOPICS = ["user.events", "...", "A_1-b", name]

    (error,) = [message for message in run_checks(tags=["kafka"]) if message.id == "integrations.E002"]
    assert error in run_checks()
    assert error.msg == f"KAFKA_USER_TOPICS: {name!r} cannot be the name of a topic."


def test_a_command_that_is_run_often_reads_no_views_and_the_consumer_checks_its_handlers() -> None:
    app = get_commands()["worker_alive"]
    often = ("worker_alive", "issue_token", "create_topics", "relay_outbox", "tell_matching")

    assert {name: load_command_class(app, name).requires_system_checks for name in often} == dict.fromkeys(often, ())
    assert load_command_class(app, "consume_kafka").requires_system_checks == ("kafka",)


def test_issuing_a_token_imports_no_views() -> None:
    code = "import sys, manage; sys.argv = ['manage.py', 'issue_token', '1']; manage.main(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)

    imported = done.stdout.split()
    assert "integrations.management.commands.issue_token" in imported
    assert "meetinity_events.urls" not in imported
