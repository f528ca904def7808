"""The words that a misspelt one can be told by, and an index of those that look alike."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

CREATE = """
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch SCHEMA public;
"""


class Migration(migrations.Migration):
    """The extensions stay when the table goes: somebody else may use them by then."""

    dependencies = (("events", "0011_full_text"),)
    operations = (
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("uses", models.IntegerField(default=1)),
            ],
            options={
                "db_table": "search_words",
                "indexes": [GinIndex(fields=["word"], name="search_words_alike", opclasses=["gin_trgm_ops"])],
            },
        ),
    )
