"""`make bench-discovery`: what reads cost beside an empty view, and how much a million events slow them down.

Exits 1 when a target is missed. `--large 20000 --samples 20 --rounds 1` makes a run of a minute.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from statistics import median

from benchmarks.command import exit_code
from benchmarks.loader import Job, run_load
from benchmarks.questions import KINDS, Questions, read_questions
from benchmarks.routes import READERS, Bench, Route, load_processes, make_request
from benchmarks.seed import sign_tokens
from benchmarks.stage import Stage, Web, make_stage, web_server
from benchmarks.tables import Target, Turn, describe_setup, middle_ratio, rate, render_routes, render_targets
from meetinity_events.embedded.manage import run_manage

MOST_GROWTH = 1.5
MOST_MEMORY_MIB = 150
SHARES = {"cached list": 0.5, "uncached list": 0.3, "cached detail": 0.55}
"""Of the empty view's requests in a second, at least."""
PAGES_A_SECOND = 1500
"""More than this service answers."""
WARM_UP_SECONDS = 3.0
"""Until every worker knows the tokens."""


@dataclass(frozen=True)
class Options:
    """What may be chosen on the command line."""

    small: int
    large: int
    rounds: int
    seconds: float
    connections: int
    samples: int


@dataclass(frozen=True)
class Side:
    """One of the two databases behind a web of its own."""

    web: Web
    questions: Questions
    tokens: list[str]

    def measure(self, kind: str, numbers: list[int]) -> list[float]:
        """Milliseconds of one question after the other. Raises ConnectionError for an answer that is not 200."""
        host = f"127.0.0.1:{self.web.port}"
        asked = [make_request("GET", host, self.questions.ask(kind, n), self.tokens[n % READERS]) for n in numbers]
        load = run_load(Job(self.web.port, asked, False, 1, 60))
        if set(load.statuses) != {200}:
            raise ConnectionError(f"{kind}: {dict(load.statuses)}")
        return [1000 * seconds for seconds in load.latencies]


def main() -> bool:
    """Measure and print; True when every target is met. Raises ConnectionError when an answer was a wrong one."""
    options = read_options()
    with ExitStack() as stack:
        stage = stack.enter_context(make_stage())
        small = stack.enter_context(side(stage, "small", options.small))
        large = stack.enter_context(side(stage, "large", options.large))
        clients = stack.enter_context(load_processes())
        print(describe_setup(stage.environ, f"{options.connections} connections, {options.rounds} rounds"))
        for one in (small, large):
            warm_up(Bench(one.web, clients), routes_of(one), options)
        targets = measure_shares(Bench(small.web, clients), routes_of(small), options)
        targets += measure_growth(small, large, options)
        targets += measure_memory([small.web, large.web])
    print(render_targets(targets))
    return all(target.is_met for target in targets)


def read_options() -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery", description=__doc__)
    parser.add_argument("--small", type=int, default=10_000, help="events of the smaller database (10,000)")
    parser.add_argument("--large", type=int, default=1_000_000, help="events of the larger one (1,000,000)")
    parser.add_argument("--rounds", type=int, default=9, help="turns that each route and question has (9)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn of a route (1)")
    parser.add_argument("--connections", type=int, default=16, help="connections that are kept open and busy (16)")
    parser.add_argument("--samples", type=int, default=40, help="questions of a kind in a turn (40)")
    return Options(**vars(parser.parse_args()))


@contextmanager
def side(stage: Stage, name: str, events: int) -> Iterator[Side]:
    """A database of so many events and registrations, which no question here reads, with a cache of its own."""
    data_dir = stage.data_dir / name
    data_dir.mkdir()
    environ = {
        **stage.environ,
        "DATABASE_URL": stage.make_database(name),
        "REDIS_URL": f"{stage.environ['REDIS_URL'].removesuffix('/0')}/{1 + (name == 'large')}",
    }
    own = replace(stage, environ=environ, data_dir=data_dir)
    run_manage(environ, "migrate")
    run_manage(environ, "seed_load", "--events", str(events), "--registrations", str(events), "--in-production")
    with web_server(own) as web:
        yield Side(
            web, read_questions(own.database_url, environ["DJANGO_SECRET_KEY"]), sign_tokens(stage.secret, 1, READERS)
        )


def routes_of(side: Side) -> list[Route]:
    """The empty view first."""
    host, next_question = f"127.0.0.1:{side.web.port}", count()

    def ask(paths: list[str]) -> list[bytes]:
        return [make_request("GET", host, path, side.tokens[n % READERS]) for n, path in enumerate(paths)]

    def new_pages(seconds: float) -> list[bytes]:
        return ask([side.questions.ask("list", next(next_question)) for _ in range(int(seconds * PAGES_A_SECOND))])

    empty, cached = ask(["/benchmarks/empty"] * READERS), ask(["/events"] * READERS)
    details = ask([side.questions.ask("detail", n) for n in range(READERS)])
    return [
        Route("empty view", lambda _: empty),
        Route("cached list", lambda _: cached),
        Route("uncached list", new_pages, is_repeated=False),
        Route("cached detail", lambda _: details),
    ]


def warm_up(bench: Bench, routes: list[Route], options: Options) -> None:
    """A thread that has answered nothing yet opens its connections and has its statements planned."""
    for route in routes:
        bench.take_turn(route, WARM_UP_SECONDS, options.connections)


def measure_shares(bench: Bench, routes: list[Route], options: Options) -> list[Target]:
    """The routes in turns, under load."""
    rounds = [
        {route.name: bench.take_turn(route, options.seconds, options.connections) for route in routes}
        for _ in range(options.rounds)
    ]
    print(render_routes(rounds))
    return [Target(f"{name} to the empty view", share_of(rounds, name), ">=", least) for name, least in SHARES.items()]


def share_of(rounds: list[dict[str, Turn]], name: str) -> float:
    """The route's requests a second as a part of the empty view's."""
    return middle_ratio([turns[name] for turns in rounds], [turns["empty view"] for turns in rounds], rate)


def measure_growth(small: Side, large: Side, options: Options) -> list[Target]:
    """Questions that no cache has the answer to, one at a time, both databases in turns."""
    targets = []
    for kind in KINDS:
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(options.rounds + 1):
            first = READERS + turn * options.samples  # the details before that are in the small one's cache
            numbers = range(first, first + options.samples)
            for one, own in zip((small, large), times, strict=True):
                measured = one.measure(kind, list(numbers))
                own += measured if turn else []  # the first turn warms up
        p50 = [median(own) for own in times]
        detail = f"p50 {p50[0]:.1f} ms at {options.small:,}, {p50[1]:.1f} ms at {options.large:,}"
        targets.append(Target(f"{kind}: {detail}", p50[1] / p50[0], "<=", MOST_GROWTH))
    return targets


def measure_memory(webs: list[Web]) -> list[Target]:
    """The largest worker after all that."""
    largest = max(worker.memory_info().rss for web in webs for worker in web.process.children()) / 2**20
    return [Target("MiB of the largest web worker", largest, "<=", MOST_MEMORY_MIB)]


if __name__ == "__main__":
    sys.exit(exit_code(main))
