"""Empties the database after a transactional test."""

from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase

from categories.defaults import add_default_categories

MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}


def delete_all_rows(test_case: TransactionTestCase) -> None:
    """Stand in for Django's flush: as many round trips as a test, where TRUNCATE makes every table and index anew.

    Deletes in the opposite order of the models, so that what refers to a row goes before it, and puts the six
    categories back. Waits longer than the service does for who still holds a row.
    """
    models = reversed(apps.get_models(include_auto_created=True))
    tables = [model._meta.db_table for model in models if model._meta.managed]
    statements = [f'DELETE FROM "{table}"' for table in tables if table not in MADE_BY_MIGRATIONS]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(["SET LOCAL lock_timeout = '30s'", *statements]))
        add_default_categories()
