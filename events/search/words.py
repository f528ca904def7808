"""The words that misspelt ones are told by: those of titles, tags and places of active events."""

from uuid import UUID

from django.db import connection, transaction

# Words of 3 to 40 letters and digits with a letter first; the weights are those of title, tags and location.
IS_WORD = "char_length(word) BETWEEN 3 AND 40 AND word ~ '^[[:alpha:]][[:alnum:]]*$'"
WEIGHTS = "abc"
REFRESH_SQL = f"""
    WITH counted AS MATERIALIZED (
        SELECT word, ndoc FROM ts_stat($$SELECT search FROM events WHERE status = 'active'$$, '{WEIGHTS}')
        WHERE {IS_WORD}
    ),
    gone AS (
        DELETE FROM search_words WHERE NOT EXISTS (SELECT FROM counted WHERE counted.word = search_words.word)
    )
    INSERT INTO search_words (word, uses) SELECT word, ndoc FROM counted ORDER BY word
    ON CONFLICT (word) DO UPDATE SET uses = excluded.uses WHERE search_words.uses <> excluded.uses
"""
# In the order of the words, so that two events with the same new ones wait for each other and never in a circle.
LEARN_SQL = f"""
    INSERT INTO search_words (word, uses)
    SELECT word, 1 FROM events, unnest(ts_filter(search, '{{{",".join(WEIGHTS)}}}')) AS known (word, positions, weights)
    WHERE id = %s AND status = 'active' AND {IS_WORD} ORDER BY word
    ON CONFLICT (word) DO NOTHING
"""
TAKE_TURN_SQL = "SELECT pg_try_advisory_xact_lock(hashtext('events.search.words'))"


def refresh_words() -> bool:
    """Count the words anew and drop those that no active event has; False when another refresh is under way.

    One transaction. It reads every active event: some seconds for a million. A repeat changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_TURN_SQL)
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(REFRESH_SQL)
        cursor.execute("ANALYZE search_words")
    return True


def learn_words(event_id: UUID) -> None:
    """Add the words of one event that nobody used before, if it is active. A repeat changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(LEARN_SQL, [event_id])


def learn_words_on_commit(event_id: UUID) -> None:
    """The same when the transaction has ended well; a failure is left to the next refresh."""
    transaction.on_commit(lambda: learn_words(event_id), robust=True)
