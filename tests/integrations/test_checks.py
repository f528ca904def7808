"""The service does not start with a handler that does not exist."""

from typing import Any

import pytest
from django.core.checks import run_checks

from integrations.checks import check_handlers


def test_every_handler_of_the_settings_exists() -> None:
    assert check_handlers() == []


@pytest.mark.parametrize("path", ["nowhere.at.all", "integrations.users.handlers.no_such", "no_dot", "django.VERSION"])
def test_a_handler_that_is_no_function_is_an_error_of_the_system_check(settings: Any, path: str) -> None:
    settings.KAFKA_HANDLERS = {"user.updated": [path]}

    (error,) = [message for message in run_checks() if message.id == "integrations.E001"]
    assert error.msg == f"KAFKA_HANDLERS['user.updated']: {path} is not a function."
