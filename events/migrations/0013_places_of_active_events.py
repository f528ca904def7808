"""The index of places in two: the nearest of what is to come must not be looked for among all that is over."""

from django.db import migrations

CREATE = """
DROP INDEX idx_events_place;
CREATE INDEX idx_events_place ON events USING gist (place) INCLUDE (start_date, id, is_virtual, price)
    WHERE status = 'active';
CREATE INDEX idx_events_past_place ON events USING gist (place) INCLUDE (status, start_date, id)
    WHERE status <> 'active';
"""
DROP = """
DROP INDEX idx_events_past_place;
DROP INDEX idx_events_place;
CREATE INDEX idx_events_place ON events USING gist (place) INCLUDE (status, start_date, id);
"""


class Migration(migrations.Migration):
    """A partition of a year that is over holds nothing in the first, so that nothing is read of it."""

    dependencies = (("events", "0012_search_words"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
