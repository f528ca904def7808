"""Reads the variables that configure the service: typed, range-checked, naming the variable that is wrong.

In development the data folder adds what nobody set by hand: `secrets.env` (made once) and `servers.env` (the addresses
of the embedded servers while they run). The process environment always wins. Production reads no file.
"""

import fcntl
import os
import re
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from dotenv import dotenv_values
from environs import Env, EnvError, validate

PROJECT_ROOT = Path(__file__).resolve().parents[2]

env = Env()
SERVICE_ENV = env.str("SERVICE_ENV", "development", validate=validate.OneOf(["development", "production"]))
IS_PRODUCTION = SERVICE_ENV == "production"
DATA_DIR = Path(env.str("DATA_DIR", str(PROJECT_ROOT / ".data"))).resolve()


def load_data_folder() -> None:
    """Add the data folder's variables to the environment of this process; those that are set already stay."""
    for file in (DATA_DIR / "servers.env", DATA_DIR / "secrets.env"):
        for name, value in dotenv_values(file).items():
            os.environ.setdefault(name, value or "")


if not IS_PRODUCTION:
    load_data_folder()


def read_secret(name: str) -> str:
    """A secret. Development makes one of 43 characters, once, into the data folder; production refuses to invent it."""
    value = env.str(name, "")
    if IS_PRODUCTION and value in ("", "change_me"):
        raise EnvError(f'Environment variable "{name}" invalid: production needs a secret of its own')
    return value or make_secret(name)


def make_secret(name: str) -> str:
    """The secret in the data folder's `secrets.env` (mode 0600), made now if it is not there.

    Processes that start together take turns, so that all of them and all later ones read the same.
    """
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(DATA_DIR / "secrets.env", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        found = re.search(rf"^{name}=(.+)$", file.read(), re.MULTILINE)
        if found:
            return found.group(1)
        secret = secrets.token_urlsafe(32)
        file.write(f"{name}={secret}\n")
        return secret


def read_database(name: str, default: str) -> dict[str, Any]:
    """Django's database dictionary out of a `postgresql://` URL, or SQLAlchemy's `postgresql+psycopg2://`."""
    url = re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", env.str(name, default))
    if not re.match(r"^postgres(ql)?://", url):
        raise EnvError(f'Environment variable "{name}" invalid: it must be a postgresql:// URL')
    try:
        database = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError as error:
        raise EnvError(f'Environment variable "{name}" invalid: {error}') from None
    if not database["NAME"]:
        raise EnvError(f'Environment variable "{name}" invalid: it names no database')
    return database


def read_url(name: str, default: str, *schemes: str) -> str:
    """A URL with one of `schemes`, without its trailing slash."""
    value = env.str(name, default).rstrip("/")
    if not re.match(rf"^({'|'.join(schemes)})://[^\s/]+", value):
        raise EnvError(f'Environment variable "{name}" invalid: it must be a {" or ".join(schemes)} URL')
    return value


def read_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words; blanks around and between them do not count."""
    return [word.strip() for word in env.str(name, default).split(",") if word.strip()]


def read_choice(name: str, default: str, *others: str) -> str:
    """One of a few words."""
    return env.str(name, default, validate=validate.OneOf([default, *others]))


def read_choices(name: str, choices: str) -> list[str]:
    """Comma-separated words, each out of `choices`, and at least one of them; all of them unless said otherwise."""
    words = read_list(name, choices)
    if not words or set(words) - set(choices.split(",")):
        raise EnvError(f'Environment variable "{name}" invalid: it must name some of {choices}')
    return words


def read_number(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """A whole number within bounds."""
    return env.int(name, default, validate=validate.Range(min=minimum, max=maximum))


def read_seconds(name: str, default: float) -> float:
    """A duration in seconds, above zero."""
    return env.float(name, default, validate=validate.Range(min=0, min_inclusive=False))
