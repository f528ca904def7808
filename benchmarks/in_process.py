"""The child of `benchmarks.costs`: calls the service's WSGI application in this process and prints what that costs.

It stands apart because Django reads its settings from the environment that its parent has made.
"""

import cProfile
import io
import json
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import Any

import psycopg
import redis

from benchmarks.sampler import Sampler
from meetinity_events.wsgi import application

WARM_UP_CALLS, COUNTED_CALLS = 30, 50
COUNT_STATEMENTS = "SELECT sum(calls) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"


@dataclass(frozen=True)
class Calls:
    """One route; every call takes the next path and the next token."""

    method: str
    paths: Iterator[str]
    tokens: Iterator[str]

    def make(self, amount: int) -> None:
        """Send that many requests. Raises RuntimeError for an answer that is not 2xx."""
        for _ in range(amount):
            response = application(self.make_environ(), ignore_head)
            body = b"".join(response)
            response.close()
            if not 200 <= response.status_code < 300:
                raise RuntimeError(f"{self.method} answered {response.status_code}: {body!r}")

    def make_environ(self) -> dict[str, Any]:
        """As gunicorn hands it over."""
        body = b"{}" if self.method == "POST" else b""
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": next(self.paths),
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {next(self.tokens)}",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        }


def ignore_head(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Callable[[bytes], object]:
    """WSGI's start_response."""
    return bytes


@contextmanager
def counted(owner: type, name: str) -> Iterator[list[int]]:
    """The number of calls of a method while the block runs, in a list of one."""
    original, calls = getattr(owner, name), [0]

    def count(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        return original(*arguments, **options)

    setattr(owner, name, count)
    try:
        yield calls
    finally:
        setattr(owner, name, original)


def main() -> None:
    """Reads the plan as JSON from standard input."""
    plan = json.load(sys.stdin)
    routes = {
        name: Calls(method, cycle(paths), iter(tokens) if method == "POST" else cycle(tokens))
        for name, (method, paths, tokens) in plan["routes"].items()
    }
    for calls in routes.values():
        calls.make(WARM_UP_CALLS)
    times = [
        {name: measure_milliseconds(calls, plan["calls"]) for name, calls in routes.items()}
        for _ in range(plan["rounds"])
    ]
    print(render_costs(times, routes))
    for name, calls in list(routes.items())[1:]:
        print(render_shares(name, sample(calls, plan["sampled_calls"]), times))


def measure_milliseconds(calls: Calls, amount: int) -> float:
    """Processor time of one call."""
    started = time.process_time()
    calls.make(amount)
    return 1000 * (time.process_time() - started) / amount


def render_costs(times: list[dict[str, float]], routes: Mapping[str, Calls]) -> str:
    """What does not depend on the machine, beside what does."""
    lines = [
        "| route | CPU ms | in empty views | function calls | PostgreSQL round trips | Redis round trips |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    empty = next(iter(routes))
    for name, calls in routes.items():
        milliseconds = median(turn[name] for turn in times)
        ratio = median(turn[name] / turn[empty] for turn in times)
        trips = f"{count_statements(calls):.0f} | {count_redis_commands(calls):.0f}"
        cells = f"{milliseconds:.2f} | {ratio:.1f} | {count_functions(calls):,} | {trips}"
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines) + "\n"


def count_statements(calls: Calls) -> float:
    """What PostgreSQL counts of one call: BEGIN, COMMIT and the health check too, each a round trip."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        before = connection.execute(COUNT_STATEMENTS).fetchone()
        calls.make(COUNTED_CALLS)
        after = connection.execute(COUNT_STATEMENTS).fetchone()
    assert before is not None
    assert after is not None
    return float(after[0] - before[0]) / COUNTED_CALLS


def count_redis_commands(calls: Calls) -> float:
    """What one call sends, a pipeline counted once."""
    with counted(redis.Connection, "send_packed_command") as commands:
        calls.make(COUNTED_CALLS)
    return commands[0] / COUNTED_CALLS


def count_functions(calls: Calls) -> int:
    """Python and C functions that one call enters."""
    profile = cProfile.Profile()
    profile.runcall(calls.make, COUNTED_CALLS)
    total: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    return round(total / COUNTED_CALLS)


def sample(calls: Calls, amount: int) -> Sampler:
    """Where the time of so many calls goes."""
    sampler = Sampler()
    with sampler.running():
        calls.make(amount)
    return sampler


def render_shares(name: str, sampler: Sampler, times: list[dict[str, float]]) -> str:
    """One route's rooms."""
    milliseconds = median(turn[name] for turn in times)
    lines = [f"| {name}: where its {milliseconds:.1f} ms go | share | ms |", "|---|--:|--:|"]
    for room, share in sampler.shares():
        lines.append(f"| {room} | {share:.0%} | {share * milliseconds:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
