"""What a misspelt search may have meant: for each word that no event knows, the words that look like it."""

from dataclasses import dataclass
from itertools import islice, product

from django.db import connection

from events.search.query import Query, any_of

MOST_WORDS, MOST_ALTERNATIVES, MOST_SUGGESTIONS = 8, 3, 3
SHORT = 5
"""Below so many letters one may be wrong, else two."""
WORDS_SQL = f"""
    SELECT lexeme FROM unnest(to_tsvector('public.meetinity', %s)) ORDER BY positions[1] LIMIT {MOST_WORDS}
"""
# Alike by trigrams, which the index finds where the word is a constant, and with at most so many letters wrong.
ALIKE_SQL = f"""
    SELECT EXISTS (SELECT FROM search_words WHERE word = %(word)s), ARRAY(
        SELECT word FROM search_words
        WHERE word %% %(word)s AND word <> %(word)s
        AND levenshtein_less_equal(word, %(word)s, %(wrong)s) <= %(wrong)s
        ORDER BY similarity(word, %(word)s) DESC, uses DESC, word LIMIT {MOST_ALTERNATIVES}
    )
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A query for any of the meanings, and the meanings as a person would type them, the likeliest first."""

    query: Query
    suggestions: list[str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was typed: whether an event has it, and others that look like it."""

    text: str
    is_known: bool
    alike: list[str]


def correct(query: Query) -> Correction | None:
    """What a plain query that found nothing may have meant; None when nothing looks like it."""
    words = look_up(query) if query.is_plain else []
    meanings = [[word.text] if word.is_known else word.alike for word in words]
    if all(word.is_known for word in words):  # each is somebody's word, perhaps misspelt by them, too
        meanings = [[word.text, *word.alike] for word in words]
    if not all(meanings) or not any(word.alike for word in words):
        return None
    typed = " ".join(word.text for word in words)
    said = (" ".join(choice) for choice in product(*meanings))
    suggestions = list(islice((text for text in said if text != typed), MOST_SUGGESTIONS))
    return Correction(any_of(meanings, suggestions[0]), suggestions)


def look_up(query: Query) -> list[Word]:
    """The first words of the query. One query, and a small one for each."""
    with connection.cursor() as cursor:
        cursor.execute(WORDS_SQL, [query.text])
        texts = [text for (text,) in cursor.fetchall()]
        found = []
        for text in texts:
            cursor.execute(ALIKE_SQL, {"word": text, "wrong": 1 if len(text) < SHORT else 2})
            found.append(Word(text, *cursor.fetchone()))
    return found
