"""Registers the app with Django."""

from django.apps import AppConfig


class CategoriesConfig(AppConfig):
    """The app `categories`."""

    name = "categories"
