"""Where the words were found, as HTML that is safe to show: everything is escaped but `<mark>`."""

from collections.abc import Mapping
from html import escape
from typing import Any

from django.db.models import Expression, TextField

from events.search.query import Query

# Characters for private use, taken out of the text first: nobody can write a mark into a title.
START, STOP = "\ue000", "\ue001"
WHOLE = f"StartSel={START}, StopSel={STOP}, HighlightAll=true"
EXCERPT = f"StartSel={START}, StopSel={STOP}, MaxFragments=1, MaxWords=30, MinWords=10"
STYLES = {"title": WHOLE, "location": WHOLE, "description": EXCERPT}
LONGEST_TEXT = 2_000
"""How many characters of a description are looked at."""


class Headline(Expression):
    """The text of a column with marks around the words of the query."""

    output_field = TextField()

    def __init__(self, column: str, query: Query) -> None:
        super().__init__()
        self.column, self.query = column, query

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """PostgreSQL's own headline: what matched is what the index matched."""
        text = f"translate(left(events.{self.column}, {LONGEST_TEXT}), %s, '')"
        sql = f"ts_headline('public.meetinity', {text}, {self.query.sql}, %s)"
        return sql, [START + STOP, *self.query.values, STYLES[self.column]]


def headlines(query: Query) -> dict[str, Headline]:
    """The annotations of a query set whose rows `write_highlights` reads."""
    return {f"headline_{column}": Headline(column, query) for column in STYLES}


def write_highlights(row: Mapping[str, Any]) -> dict[str, str]:
    """By column the HTML of those that hold a word."""
    texts = {column: row[f"headline_{column}"] for column in STYLES}
    return {column: as_html(text) for column, text in texts.items() if text and START in text}


def as_html(text: str) -> str:
    """Escaped, with the marks as elements."""
    return escape(text).replace(START, "<mark>").replace(STOP, "</mark>")
