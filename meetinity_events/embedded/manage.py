"""Runs one management command of the service in a process of its own, as a person would."""

import subprocess
import sys
from collections.abc import Mapping

from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.errors import EmbeddedError


def run_manage(environ: Mapping[str, str], *arguments: str) -> str:
    """Return the command's standard output; its log lines are shown only when it fails.

    Raises EmbeddedError then. Ctrl-C on the terminal reaches this process alone, which ends the command.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT_ROOT,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        print(f"{done.stdout}{done.stderr}", end="", file=sys.stderr)
        raise EmbeddedError(f"manage.py {arguments[0]} failed with exit code {done.returncode}; its words are above.")
    return done.stdout
