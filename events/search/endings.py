"""What the beginning of a word may become: the words of the vocabulary that begin like it.

The index could look for a beginning itself, but would gather every event behind every such word first.
"""

from dataclasses import replace

from django.db import connection

from events.search.query import Query, any_of

MOST_ENDINGS = 8
LAST_CHARACTER = chr(0x10FFFF)
# The word itself, and those that it begins, the most frequent first.
ENDINGS_SQL = f"""
    SELECT lexeme, ARRAY(
        SELECT word FROM search_words WHERE word > lexeme AND word < lexeme || '{LAST_CHARACTER}'
        ORDER BY uses DESC, word LIMIT {MOST_ENDINGS}
    )
    FROM unnest(to_tsvector('public.meetinity', %s)) ORDER BY positions[1] DESC LIMIT 1
"""


def with_endings(query: Query) -> Query:
    """The same, also for the words that its last word begins. One query, none where that is complete."""
    if not query.beginning:
        return query
    with connection.cursor() as cursor:
        cursor.execute(ENDINGS_SQL, [query.beginning])
        word, endings = cursor.fetchone() or ("", [])
    if not endings:
        return query
    last = any_of([[word, *endings]], query.beginning)
    before = query.text.removesuffix(query.beginning).strip()
    if not before:
        return replace(query, sql=last.sql, values=last.values)
    return replace(query, sql=f"(event_query(%s) && {last.sql})", values=(before, *last.values))
