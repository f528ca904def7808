"""The typed readers: what they accept, and that a refusal names the variable."""

from collections.abc import Callable

import pytest
from environs import EnvError

from meetinity_events.settings.environment import read_database, read_list, read_number, read_seconds, read_url

NAME = "SOME_VARIABLE"
Reader = Callable[[], object]

READERS: dict[str, Reader] = {
    "number": lambda: read_number(NAME, 5, minimum=1, maximum=10),
    "seconds": lambda: read_seconds(NAME, 0.5),
    "url": lambda: read_url(NAME, "redis://localhost:6379/0", "redis", "rediss"),
    "list": lambda: read_list(NAME, "a,b"),
    "database": lambda: read_database(NAME, "postgresql://meetinity@localhost/meetinity")["NAME"],
}


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        ("number", 5),
        ("seconds", 0.5),
        ("url", "redis://localhost:6379/0"),
        ("list", ["a", "b"]),
        ("database", "meetinity"),
    ],
)
def test_an_unset_variable_is_its_default(reader: str, expected: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)

    assert READERS[reader]() == expected


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        ("number", "1", 1),
        ("number", "10", 10),
        ("seconds", "0.25", 0.25),
        ("seconds", "3", 3.0),
        ("url", "rediss://cache:6380/1/", "rediss://cache:6380/1"),
        ("list", " one , two ,, three ", ["one", "two", "three"]),
        ("list", "", []),
        ("database", "postgres://meetinity@localhost/other", "other"),
    ],
)
def test_a_good_value_is_read(reader: str, text: str, expected: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, text)

    assert READERS[reader]() == expected


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("number", "0"),
        ("number", "11"),
        ("number", "many"),
        ("number", "1.5"),
        ("number", ""),
        ("seconds", "0"),
        ("seconds", "-1"),
        ("seconds", "soon"),
        ("seconds", "nan"),
        ("seconds", "inf"),
        ("url", ""),
        ("url", "localhost:6379"),
        ("url", "http://localhost:6379"),
        ("url", "redis://"),
        ("database", ""),
        ("database", "mysql://meetinity@localhost/meetinity"),
        ("database", "postgresql://meetinity@localhost"),
        ("database", "postgresql://meetinity@localhost:port/meetinity"),
        ("database", "postgresql://meetinity@localhost:99999/meetinity"),
    ],
)
def test_a_bad_value_is_refused_by_name(reader: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, text)

    with pytest.raises(EnvError, match=f'"{NAME}" invalid'):
        READERS[reader]()


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg", "postgres+asyncpg"]
)
def test_a_database_url_of_sqlalchemy_is_understood(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"{scheme}://meetinity:s3cr%21t@db.example:5433/events")

    database = read_database(NAME, "")

    assert {name: database[name] for name in ("ENGINE", "HOST", "PORT", "USER", "PASSWORD", "NAME")} == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example",
        "PORT": 5433,
        "USER": "meetinity",
        "PASSWORD": "s3cr!t",
        "NAME": "events",
    }
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)


def test_the_options_of_a_database_url_reach_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        NAME, "postgresql://meetinity@localhost/events?options=-c%20statement_timeout%3D5000&sslmode=require"
    )

    assert read_database(NAME, "")["OPTIONS"] == {"options": "-c statement_timeout=5000", "sslmode": "require"}
