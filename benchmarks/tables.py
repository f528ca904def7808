"""The figures of a run as Markdown tables."""

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.loader import Load


@dataclass(frozen=True)
class Turn:
    """One route under load, and the processor time that the web's processes and PostgreSQL's spent on it."""

    load: Load
    web_seconds: float
    database_seconds: float

    @property
    def database_milliseconds(self) -> float:
        """Processor time of PostgreSQL for one request."""
        return 1000 * self.database_seconds / len(self.load.latencies)

    def percentile(self, percent: int) -> float:
        """Milliseconds from sending to the whole answer."""
        return 1000 * quantiles(self.load.latencies, n=100)[percent - 1]


@dataclass(frozen=True)
class Target:
    """A figure, and what it has to be."""

    name: str
    figure: float
    relation: str
    bound: float

    @property
    def is_met(self) -> bool:
        """True when the figure is on the right side of the bound."""
        return self.figure >= self.bound if self.relation == ">=" else self.figure <= self.bound


def render_targets(targets: list[Target]) -> str:
    """A line for each, with what it has to be."""
    lines = ["| | figure | target | |", "|---|--:|--:|---|"]
    for target in targets:
        verdict = "met" if target.is_met else "MISSED"
        lines.append(f"| {target.name} | {target.figure:.3g} | {target.relation} {target.bound:g} | {verdict} |")
    return "\n".join(lines) + "\n"


def describe_setup(environ: Mapping[str, str], load: str) -> str:
    """What the figures depend on."""
    workers, threads = environ.get("WEB_WORKERS", "4"), environ.get("WEB_THREADS", "4")
    service = f"gunicorn with {workers} workers of {threads} threads"
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {service}; {load}\n"


def render_routes(rounds: list[dict[str, Turn]]) -> str:
    """A line for each route, whose ratios are to the first one."""
    lines = [
        "| route | requests/s | to empty | p50 ms | p95 ms | web CPU ms | to empty | PostgreSQL CPU ms |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    empty = next(iter(rounds[0]))
    bases = [turns[empty] for turns in rounds]
    for name in rounds[0]:
        turns = [turns[name] for turns in rounds]
        cells = [
            f"{middle(turns, rate):.0f}",
            f"{middle_ratio(turns, bases, rate):.3f}",
            f"{middle(turns, lambda turn: turn.percentile(50)):.1f}",
            f"{middle(turns, lambda turn: turn.percentile(95)):.1f}",
            f"{middle(turns, web_milliseconds):.2f}",
            f"{middle_ratio(turns, bases, web_milliseconds):.1f}",
            f"{middle(turns, lambda turn: turn.database_milliseconds):.2f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def render_crowds(rounds: list[dict[tuple[int, int], Turn]]) -> str:
    """The empty view before more and more client: where the client is the limit, more of it brings more answers."""
    lines = ["| clients of the empty view | requests/s | p50 ms | busiest client |", "|---|--:|--:|--:|"]
    for processes, connections in rounds[0]:
        turns = [turns[processes, connections] for turns in rounds]
        cells = [
            f"{processes} process{'es' * (processes > 1)}, {connections} connections",
            f"{middle(turns, rate):.0f}",
            f"{middle(turns, lambda turn: turn.percentile(50)):.1f}",
            f"{middle(turns, lambda turn: turn.load.busy_share):.0%} of a core",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def middle(turns: list[Turn], figure: Callable[[Turn], float]) -> float:
    """The median of one figure."""
    return median(map(figure, turns))


def middle_ratio(turns: list[Turn], bases: list[Turn], figure: Callable[[Turn], float]) -> float:
    """The median of one figure's ratios to the empty view of the same round."""
    return median(figure(turn) / figure(base) for turn, base in zip(turns, bases, strict=True))


def rate(turn: Turn) -> float:
    """Answers a second."""
    return turn.load.rate


def web_milliseconds(turn: Turn) -> float:
    """Processor time of the web for one request."""
    return 1000 * turn.web_seconds / len(turn.load.latencies)
