"""The data of a benchmark: events in one statement, and callers with their tokens."""

import time
from dataclasses import dataclass

import jwt
import psycopg

ORGANISER = "00000000-0000-0000-0000-000000000001"

# Half of the columns that may be empty are; 300 characters of description.
INSERT_EVENTS = """
INSERT INTO events (title, description, location, latitude, longitude, start_date, end_date, max_attendees, category,
                    category_id, tags, image_url, is_virtual, virtual_link, price, created_by)
SELECT 'Networking at Scale, part ' || n,
       repeat('Meet the people who build what you use. ', 8),
       CASE WHEN n %% 2 = 0 THEN 'San Francisco, CA' END,
       CASE WHEN n %% 2 = 0 THEN 37.7749 END,
       CASE WHEN n %% 2 = 0 THEN -122.4194 END,
       date_trunc('minute', now()) + make_interval(days => 7, hours => n),
       date_trunc('minute', now()) + make_interval(days => 7, hours => n + 3),
       CASE WHEN n %% 2 = 0 THEN 10000 END,
       chosen.name,
       chosen.id,
       ARRAY['tech', 'startup', 'networking'],
       CASE WHEN n %% 2 = 0 THEN 'https://images.example.com/event.png' END,
       n %% 2 = 1,
       CASE WHEN n %% 2 = 1 THEN 'https://meet.example.com/event' END,
       n %% 5 * 10,
       %(organiser)s
FROM generate_series(1, %(count)s) n
CROSS JOIN LATERAL (SELECT id, name FROM event_categories WHERE n > 0 ORDER BY name OFFSET n %% 6 LIMIT 1) chosen
RETURNING id
"""


@dataclass(frozen=True)
class Stored:
    """What the database holds of the registrations that were answered with 201."""

    registrations: int
    seats: int
    messages: int


def add_events(database_url: str, count: int) -> list[str]:
    """Active, upcoming events; every other one has 10,000 seats and the rest no limit. Returns their ids."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        rows = connection.execute(INSERT_EVENTS, {"organiser": ORGANISER, "count": count}).fetchall()
        connection.execute("VACUUM ANALYZE events")
    return [str(row[0]) for row in rows]


def add_hot_event(database_url: str) -> str:
    """One event without a limit, of which everybody wants a seat."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(
            "INSERT INTO events (title, start_date, category, created_by)"
            " VALUES ('Everybody comes', now() + interval '300 days', 'Meetup', %s) RETURNING id",
            [ORGANISER],
        ).fetchone()
    assert row is not None
    return str(row[0])


def count_stored(database_url: str) -> Stored:
    """Registrations, seats taken, and messages waiting for the relay."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM event_registrations), (SELECT sum(current_attendees) FROM events),"
            " (SELECT count(*) FROM outbox_messages)"
        ).fetchone()
    assert row is not None
    return Stored(*map(int, row))


def sign_tokens(secret: str, first: int, count: int) -> list[str]:
    """Tokens of the users `first`, `first` + 1, ..., with the claims that the platform's tokens carry."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + 3600}
    return [
        jwt.encode({"sub": user, "email": f"user-{user}@example.com", **claims}, secret, algorithm="HS256")
        for user in range(first, first + count)
    ]
