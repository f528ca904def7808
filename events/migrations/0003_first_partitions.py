"""This year's partition and the next two."""

from typing import Any

from django.db import migrations
from django.utils import timezone

from events.partitions import add_partition


def add_first_partitions(apps: Any, schema_editor: Any) -> None:
    """In the migration's transaction; the default partition takes all other ids."""
    this_year = timezone.now().year
    for year in range(this_year, this_year + 3):
        add_partition(year)


class Migration(migrations.Migration):
    """Undone by dropping the table in 0002."""

    dependencies = (("events", "0002_event"),)
    operations = (migrations.RunPython(add_first_partitions, migrations.RunPython.noop),)
