"""What somebody typed, as PostgreSQL searches for it in the column `search` of `events`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Expression

SHORTEST_BEGINNING = 2
ENGLISH = {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"}
FRENCH = {"à", "au", "aux", "dans", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "par", "pour", "sur"}
FUNCTION_WORDS = ENGLISH | FRENCH | {"d", "l", "un", "une"}
"""Words that hold a sentence together: asked for only where there is nothing else."""


@dataclass(frozen=True, slots=True)
class Query:
    """SQL of a tsquery, with its values. `text` is what a person reads.

    `is_plain`: without quotes, minus and "or", so that its words can be taken singly. `beginning` is then the last one,
    if it may still be incomplete.
    """

    text: str
    sql: str
    values: Sequence[Any]
    is_plain: bool = True
    beginning: str = ""


def read_query(typed: str) -> Query:
    """In the language of web searches: words, "a phrase", or, -without."""
    words = typed.split()
    is_plain = '"' not in typed and not any(word.startswith("-") or word.lower() == "or" for word in words)
    if is_plain:
        words = [word for word in words if word.lower() not in FUNCTION_WORDS] or words
    is_open = is_plain and bool(words) and words[-1].isalnum() and len(words[-1]) >= SHORTEST_BEGINNING
    text = " ".join(words)
    return Query(text, "event_query(%s)", (text,), is_plain, words[-1] if is_open else "")


def any_of(meanings: Sequence[Sequence[str]], text: str) -> Query:
    """One of the words at each place; they are words of the index."""
    groups = (" | ".join(quote(word) for word in words) for words in meanings)
    return Query(text, "%s::tsquery", (" & ".join(f"({group})" for group in groups),))


def tagged(tags: Sequence[str], *, is_all: bool) -> Query:
    """One of the tags, or all of them, each as a whole; tags are normalised."""
    between = " & " if is_all else " | "
    return Query(", ".join(tags), "%s::tsquery", (between.join(quote(f"#{tag}") for tag in tags),), is_plain=False)


def quote(word: str) -> str:
    """A word of the index as a tsquery writes it."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


class Matches(Expression):
    """True for an event with these words."""

    output_field = BooleanField()

    def __init__(self, query: Query) -> None:
        super().__init__()
        self.query = query

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The operator of the index."""
        return f"(events.search @@ {self.query.sql})", list(self.query.values)


class IsAt(Expression):
    """True for an event whose location has these words."""

    output_field = BooleanField()

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The same index, which knows a word of the location by its weight."""
        return "(events.search @@ event_location_query(%s))", [self.location]


class Document(Expression):
    """The event's words themselves."""

    output_field = SearchVectorField()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A column that the model does not know."""
        return "events.search", []
