"""`python -m benchmarks.costs`: where the processor time of each route goes, without the noise of HTTP and threads."""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.command import exit_code
from benchmarks.seed import add_events, add_hot_event, sign_tokens
from benchmarks.stage import Stage, last_lines, make_stage
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.process import log_file

EVENTS, READERS = 600, 200
FIRST_NEW_USER = 1_000_000
ROUNDS, CALLS = 5, 60
UNMEASURED_CALLS = 200


def main() -> bool:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--sampled-calls", type=int, default=600, help="calls of each route under the profiler (600)")
    sampled_calls = parser.parse_args().sampled_calls
    with make_stage() as stage:
        plan = {"rounds": ROUNDS, "calls": CALLS, "sampled_calls": sampled_calls}
        run_child(stage, {**plan, "routes": make_routes(stage, sampled_calls)})
    return True


def make_routes(stage: Stage, sampled_calls: int) -> dict[str, tuple[str, list[str], list[str]]]:
    """Method, paths and tokens of each route, the empty view first; every registration is another user's."""
    ids = add_events(stage.database_url, EVENTS)
    hot_id = add_hot_event(stage.database_url)
    readers = sign_tokens(stage.secret, 1, READERS)
    new_users = sign_tokens(stage.secret, FIRST_NEW_USER, ROUNDS * CALLS + sampled_calls + UNMEASURED_CALLS)
    return {
        "empty view": ("GET", ["/benchmarks/empty"], readers),
        "list": ("GET", ["/events"], readers),
        "detail": ("GET", [f"/events/{event_id}" for event_id in ids], readers),
        "register": ("POST", [f"/events/{hot_id}/register"], new_users),
    }


def run_child(stage: Stage, plan: dict[str, Any]) -> None:
    """The child prints its tables; the service's log goes to a file, as a line a request is part of the cost."""
    log = log_file(stage.data_dir, "in-process")
    with log.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.in_process"],
            cwd=PROJECT_ROOT,
            env=dict(stage.environ),
            input=json.dumps(plan),
            stderr=output,
            text=True,
            start_new_session=True,
            check=False,
        )
    if done.returncode:
        raise EmbeddedError(f"The calls failed:\n{last_lines(log)}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
