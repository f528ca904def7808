"""Asks the servers that the environment names whether they answer, before anything is started."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

import dj_database_url
import psycopg
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from meetinity_events.embedded.errors import EmbeddedError

TIMEOUT_SECONDS = 3


def check_given_urls(environ: Mapping[str, str]) -> None:
    """Raise EmbeddedError, naming the variable and the address but never a password, for the first that is away."""
    checks: dict[str, Callable[[str], None]] = {
        "DATABASE_URL": check_database,
        "REDIS_URL": check_redis,
        "CELERY_BROKER_URL": check_redis,
        "KAFKA_BOOTSTRAP_SERVERS": check_kafka,
    }
    for name, check in checks.items():
        url = environ.get(name)
        if not url:
            continue
        try:
            check(url)
        except (ValueError, psycopg.Error, redis.RedisError, KafkaException) as error:
            raise EmbeddedError(f"{name}: {hide_password(url, describe(error))}") from None


def check_database(url: str) -> None:
    """Log in as the service will."""
    url = re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", url)
    if not re.match(r"^postgres(ql)?://", url):
        raise ValueError("this is not a postgresql:// URL.")
    settings = dj_database_url.parse(url)
    psycopg.connect(
        dbname=settings["NAME"],
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        **{"connect_timeout": TIMEOUT_SECONDS, **settings.get("OPTIONS", {})},
    ).close()


def check_redis(url: str) -> None:
    """Ask for a PING."""
    if not re.match(r"^(rediss?|unix)://", url):
        raise ValueError("this is not a redis:// URL.")
    once = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=once
    ) as client:
        client.ping()


def check_kafka(address: str) -> None:
    """Ask for the broker's metadata."""
    client = AdminClient({"bootstrap.servers": address, "log_level": 0})
    client.list_topics(timeout=TIMEOUT_SECONDS)


def describe(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, KafkaException):
        return f"no Kafka broker answers there ({error.args[0].str()})."
    return " ".join(str(error).split()) or type(error).__name__


def hide_password(url: str, text: str) -> str:
    """Put *** where a client library repeats the password of `url`, written plainly or percent-encoded."""
    password = urlsplit(url).password if "://" in url else None
    for secret in {password, unquote(password)} if password else ():
        text = text.replace(secret, "***")
    return text
