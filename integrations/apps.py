"""Registers the app with Django, and the checks of its settings."""

from django.apps import AppConfig
from django.core.checks import register

from integrations.checks import check_handlers, check_topics


class IntegrationsConfig(AppConfig):
    """The app `integrations`."""

    name = "integrations"

    def ready(self) -> None:
        """Every command that checks anything, and every start of the server, runs the checks."""
        register(check_handlers, "kafka")
        register(check_topics, "kafka")
