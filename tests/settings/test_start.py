"""What the environment of a process makes of the settings, and when it does not start."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.processes import PROJECT_ROOT, read_refusal, read_settings

PRODUCTION = {"SERVICE_ENV": "production", "DJANGO_SECRET_KEY": "d" * 43, "JWT_SECRET": "j" * 43}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SERVICE_ENV", "staging", "['Must be one of: development, production.']"),
        ("USER_VALIDATION", "maybe", "['Must be one of: open, closed.']"),
        ("ALLOWED_EXTENSIONS", "png,svg", "it must name some of jpg,jpeg,png,gif"),
        ("UPLOAD_BUCKET_URL", "ftp://files", "it must be a https or http URL"),
        ("DATABASE_URL", "mysql://localhost/events", "it must be a postgresql:// URL"),
    ],
)
def test_a_bad_variable_is_one_line_that_names_it(name: str, value: str, reason: str, tmp_path: Path) -> None:
    assert (
        read_refusal(tmp_path, **{name: value})
        == f'Refusing to start. Environment variable "{name}" invalid: {reason}\n'
    )


@pytest.mark.parametrize(("name", "value"), [("DJANGO_SECRET_KEY", ""), ("JWT_SECRET", "change_me")])
def test_production_refuses_a_secret_that_is_not_its_own(name: str, value: str, tmp_path: Path) -> None:
    # What development would read must not help.
    (tmp_path / "secrets.env").write_text(f"{name}={'s' * 43}\n")

    said = read_refusal(tmp_path, **{**PRODUCTION, name: value})

    assert said == (f'Refusing to start. Environment variable "{name}" invalid: production needs a secret of its own\n')


def test_production_that_verifies_by_jwks_holds_no_jwt_secret(tmp_path: Path) -> None:
    environ = {**PRODUCTION, "JWT_JWKS_URL": "https://issuer.example/jwks.json"}

    settings = read_settings(
        tmp_path, "JWT_SECRET", "JWT_ALGORITHMS", "SESSION_COOKIE_SECURE", "BIND_ADDRESS", **environ
    )

    assert settings == {
        "JWT_SECRET": "",
        "JWT_ALGORITHMS": ["RS256", "ES256"],
        "SESSION_COOKIE_SECURE": True,
        "BIND_ADDRESS": "0.0.0.0",
    }
    assert list(tmp_path.iterdir()) == []


GIVEN = {
    "APP_PORT": "9001",
    "LOG_LEVEL": "ERROR",
    "DATABASE_URL": "postgresql+psycopg2://a:b@db/events?options=-c%20statement_timeout%3D5000",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092,kafka-2:9092",
    "KAFKA_EVENT_TOPIC": "other.events",
    "KAFKA_CONSUMER_GROUP": "other-group",
    "USER_SERVICE_URL": "http://users:1",
    "API_GATEWAY_URL": "https://gateway.example/",
    "UPLOAD_FOLDER": "/srv/uploads",
    "MAX_CONTENT_LENGTH": "1000",
    "ALLOWED_EXTENSIONS": "jpg, png",
    "DEFAULT_PAGE_SIZE": "7",
    "MAX_PAGE_SIZE": "70",
    "CACHE_TTL": "60",
    "CORS_ORIGINS": "https://one.example, https://two.example",
    "RATE_LIMIT_BROWSE": "1000000000",
    "RATE_LIMIT_CREATE": "1",
    "RATE_LIMIT_REGISTER": "2",
    "RATE_LIMIT_SEARCH": "3",
    "RATE_LIMIT_UPLOAD": "4",
}

READ: dict[str, Any] = {
    "APP_PORT": 9001,
    "LOG_LEVEL": "ERROR",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092,kafka-2:9092",
    "KAFKA_EVENT_TOPIC": "other.events",
    "KAFKA_CONSUMER_GROUP": "other-group",
    "USER_SERVICE_URL": "http://users:1",
    "API_GATEWAY_URL": "https://gateway.example",
    "UPLOAD_FOLDER": "/srv/uploads",
    "MAX_CONTENT_LENGTH": 1000,
    "ALLOWED_EXTENSIONS": ["jpg", "png"],
    "DEFAULT_PAGE_SIZE": 7,
    "MAX_PAGE_SIZE": 70,
    "CACHE_TTL": 60,
    "CORS_ALLOWED_ORIGINS": ["https://one.example", "https://two.example"],
    "RATE_LIMITS": {"browse": 1_000_000_000, "create": 1, "register": 2, "search": 3, "upload": 4},
}


def test_every_variable_of_the_platforms_document_and_every_limit_is_honoured(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, *READ, "DATABASES", "CACHES", "LOGGING", **GIVEN)

    database = settings.pop("DATABASES")["default"]
    assert (database["HOST"], database["NAME"]) == ("db", "events")
    assert database["OPTIONS"]["options"].startswith("-c statement_timeout=5000 -c lock_timeout=2000 ")
    assert settings.pop("CACHES")["default"]["TIMEOUT"] == 60
    assert settings.pop("LOGGING")["loggers"]["event_service"]["level"] == "ERROR"
    assert settings == READ


def test_the_defaults_are_those_of_the_platforms_document(tmp_path: Path) -> None:
    expected = {
        "APP_PORT": 8083,
        "LOG_LEVEL": "INFO",
        "KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
        "KAFKA_EVENT_TOPIC": "event.events",
        "KAFKA_CONSUMER_GROUP": "event-service",
        "USER_SERVICE_URL": "http://localhost:8081",
        "API_GATEWAY_URL": "http://localhost:8080",
        "UPLOAD_FOLDER": str(PROJECT_ROOT / "uploads/events"),
        "MAX_CONTENT_LENGTH": 16_777_216,
        "ALLOWED_EXTENSIONS": ["jpg", "jpeg", "png", "gif"],
        "DEFAULT_PAGE_SIZE": 20,
        "MAX_PAGE_SIZE": 100,
        "CACHE_TTL": 3600,
        "REDIS_TIMEOUT_SECONDS": 0.2,
        "RATE_LIMITS": {"browse": 100, "create": 10, "register": 50, "search": 200, "upload": 30},
        "JWT_LEEWAY_SECONDS": 30,
        "BIND_ADDRESS": "127.0.0.1",
        "DEBUG": False,
    }

    assert read_settings(tmp_path, *expected) == expected
