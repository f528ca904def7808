"""`python -m benchmarks.registrations`: what a crowd before one event costs, against the same crowd before a thousand.

The kinds of registration take turns in rounds on one running service; each figure is the median of ratios within a
round. Exits 1 when a target is missed, or when an answer or the database afterwards is not what it has to be.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from statistics import median

from benchmarks.command import exit_code
from benchmarks.routes import WARM_UP_SECONDS, Bench, Route, check_stored, load_processes, register_route
from benchmarks.seed import add_events, add_hot_event
from benchmarks.stage import Stage, make_stage, web_server
from benchmarks.tables import Turn, describe_setup, web_milliseconds

CLIENTS, EVENTS = 32, 1000
# As many threads as clients, so that the database and not the web's queue decides who waits.
WEB = {"WEB_WORKERS": "4", "WEB_THREADS": "8"}
HOT, SPREAD, ORM = "one event", f"{EVENTS:,} events", "one event, by the ORM with `select_for_update`"


@dataclass(frozen=True)
class Target:
    """How many registrations of one kind there have to be at least for each of another."""

    one: str
    other: str
    at_least: float


TARGETS = (Target(HOT, SPREAD, 0.8), Target(HOT, ORM, 3.0))
Round = dict[str, Turn]


def main() -> bool:
    """Measure, print, judge; True when every target is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registrations", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns that each kind has (7)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a turn (2)")
    options = parser.parse_args()
    with ExitStack() as stack:
        stage = stack.enter_context(make_stage())
        stage = replace(stage, environ={**stage.environ, **WEB})
        clients = stack.enter_context(load_processes())
        bench = Bench(stack.enter_context(web_server(stage)), clients)
        return measure(stage, bench, options.rounds, options.seconds)


def measure(stage: Stage, bench: Bench, rounds: int, seconds: float) -> bool:
    """Warm up, run the rounds, print both tables; False when a target was missed. Raises ConnectionError."""
    routes = make_routes(stage, bench)
    print(describe_setup(stage.environ, f"{CLIENTS} connections, {rounds} x {seconds} s"))
    warm_up = {route.name: bench.take_turn(route, WARM_UP_SECONDS, CLIENTS) for route in routes}
    turns = [{route.name: bench.take_turn(route, seconds, CLIENTS) for route in routes} for _ in range(rounds)]
    print(render_kinds(turns))
    print(check_stored(stage, [turn.load for kinds in (warm_up, *turns) for turn in kinds.values()]))
    ratios = {target: median_ratio(turns, target) for target in TARGETS}
    print(render_targets(ratios))
    return all(ratio >= target.at_least for target, ratio in ratios.items())


def make_routes(stage: Stage, bench: Bench) -> list[Route]:
    """The three kinds of registration, each by users of their own."""
    hot_id = add_hot_event(stage.database_url)
    orm_id = add_hot_event(stage.database_url)
    next_user = count(1_000_000, 100_000)
    host = f"127.0.0.1:{bench.web.port}"

    def register(name: str, paths: list[str]) -> Route:
        return register_route(name, paths, stage.secret, host, next_user)

    return [
        register(HOT, [f"/events/{hot_id}/register"]),
        register(SPREAD, [f"/events/{event_id}/register" for event_id in add_events(stage.database_url, EVENTS)]),
        register(ORM, [f"/benchmarks/orm/{orm_id}/register"]),
    ]


def median_ratio(rounds: list[Round], target: Target) -> float:
    """Registrations of the one kind for each of the other in the same round."""
    return median(turns[target.one].load.rate / turns[target.other].load.rate for turns in rounds)


def render_kinds(rounds: list[Round]) -> str:
    """A line for each kind."""
    lines = [
        "| registrations for | a second | p50 ms | p95 ms | web CPU ms | PostgreSQL CPU ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    figures: tuple[tuple[str, Callable[[Turn], float]], ...] = (
        ("{:.0f}", lambda turn: turn.load.rate),
        ("{:.0f}", lambda turn: turn.percentile(50)),
        ("{:.0f}", lambda turn: turn.percentile(95)),
        ("{:.2f}", web_milliseconds),
        ("{:.2f}", lambda turn: turn.database_milliseconds),
    )
    for name in rounds[0]:
        turns = [turns[name] for turns in rounds]
        cells = [form.format(median(map(figure, turns))) for form, figure in figures]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def render_targets(ratios: dict[Target, float]) -> str:
    """A line for each target."""
    lines = ["| ratio of registrations | measured | target | |", "|---|--:|--:|---|"]
    for target, ratio in ratios.items():
        verdict = "held" if ratio >= target.at_least else "MISSED"
        lines.append(f"| {target.one} to {target.other} | {ratio:.2f} | >= {target.at_least} | {verdict} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(exit_code(main))
