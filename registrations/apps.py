"""Registers the app with Django."""

from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    """The app `registrations`."""

    name = "registrations"
