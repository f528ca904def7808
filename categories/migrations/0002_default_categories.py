"""The six categories of the platform's document."""

from typing import Any

from django.db import migrations

from categories.defaults import add_default_categories


def add_categories(apps: Any, schema_editor: Any) -> None:
    """With the model as it is at this point of history."""
    add_default_categories(apps.get_model("categories", "Category"))


class Migration(migrations.Migration):
    """Undone by dropping the table in 0001."""

    dependencies = (("categories", "0001_category"),)
    operations = (migrations.RunPython(add_categories, migrations.RunPython.noop),)
