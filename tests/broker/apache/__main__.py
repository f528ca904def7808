"""`python -m tests.broker.apache [--unbroken] [KIND...]`: `tests/broker` and the demo on each Kafka of the platform."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from meetinity_events.embedded.data_folder import PROJECT_ROOT, temporary_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.run import stop_on_signals
from tests.broker.apache.brokers import KINDS, ZOOKEEPER, running_broker
from tests.broker.apache.jars import find_jars, find_java

# Five processes on two cores: most of them wait for a broker that is away.
IN_FIVE = ("--numprocesses", "5", "--dist", "loadfile", "--no-loadscope-reorder")
TESTS = ("-m", "pytest", "-q", *IN_FIVE, "tests/broker")
UNBROKEN = "--unbroken"
DEMO = ("-m", "meetinity_events.embedded", "demo")


def main(arguments: list[str]) -> int:
    """Exit code 0 when everything passed on every Kafka, 1 otherwise or when something is missing.

    `--unbroken` leaves out the tests that kill, pause and cut off a broker.
    """
    kinds = [argument for argument in arguments if argument != UNBROKEN]
    if not set(kinds) <= set(KINDS):
        print(f"usage: python -m tests.broker.apache [{UNBROKEN}] [{'] ['.join(KINDS)}]", file=sys.stderr)
        return 2
    stop_on_signals()
    try:
        find_java()
        for profile in (*KINDS, ZOOKEEPER):
            find_jars(profile)
        titles = [check(kind, is_broken=UNBROKEN not in arguments) for kind in kinds or KINDS]
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 1
    print(f"\nThe tests of the bus and the demo passed on {' and '.join(titles)}.")
    return 0


def check(kind: str, *, is_broken: bool) -> str:
    """Run everything on one kind of Kafka; returns what it is. Raises EmbeddedError when something failed."""
    started = time.monotonic()
    with temporary_data_folder() as folder, running_broker(kind, folder) as broker:
        print(f"\n== {broker.title} at {broker.address}", flush=True)
        environ = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.address, "APACHE_KAFKA": kind if is_broken else ""}
        for arguments in (TESTS, DEMO):
            run(arguments, environ, broker.title)
    print(f"== {broker.title}: {time.monotonic() - started:.0f} s", flush=True)
    return broker.title


def run(arguments: tuple[str, ...], environ: Mapping[str, str], title: str) -> None:
    """One Python process whose output is shown."""
    done = subprocess.run([sys.executable, *arguments], env=dict(environ), cwd=PROJECT_ROOT, check=False)
    if done.returncode:
        raise EmbeddedError(f"{' '.join(arguments)} failed on {title}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
