"""`python -m benchmarks.routes`: what each route costs, beside an empty view on the same gunicorn.

The routes take turns in rounds, so that the machine's moods hit all of them alike; ratios are taken within a round, and
the table shows the medians of the rounds.
"""

import argparse
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

from benchmarks.command import exit_code
from benchmarks.loader import Job, Load, run_load
from benchmarks.seed import Stored, add_events, add_hot_event, count_stored, sign_tokens
from benchmarks.stage import Stage, Web, make_stage, web_server
from benchmarks.tables import Turn, describe_setup, render_crowds, render_routes

READERS = 200
FIRST_NEW_USER, USERS_A_TURN = 1_000_000, 100_000
# More than this service registers in a second; what is left over is never sent.
NEW_USERS_A_SECOND = 3000
MOST_CLIENTS = 2
WARM_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Route:
    """A line of the table. `make_requests` returns more requests than can be answered in so many seconds."""

    name: str
    make_requests: Callable[[float], list[bytes]]
    is_repeated: bool = True
    status: int = 200


@dataclass(frozen=True)
class Options:
    """What may be chosen on the command line."""

    rounds: int
    seconds: float
    connections: int
    events: int


@dataclass(frozen=True)
class Bench:
    """The service under load, and the clients that load it."""

    web: Web
    clients: ProcessPoolExecutor

    def take_turn(self, route: Route, seconds: float, connections: int, processes: int = 1) -> Turn:
        """Load one route. Raises ConnectionError when an answer has another status than the route's."""
        requests = route.make_requests(seconds)
        share = max(1, connections // processes)
        jobs = [
            Job(self.web.port, requests[part::processes], route.is_repeated, share, seconds)
            for part in range(processes)
        ]
        web_before, database_before = self.web.processor_seconds()
        load = merge(list(self.clients.map(run_load, jobs)))
        web, database = self.web.processor_seconds()
        if set(load.statuses) != {route.status}:
            raise ConnectionError(f"{route.name}: expected {route.status} alone, got {dict(load.statuses)}")
        return Turn(load, web - web_before, database - database_before)


def main() -> bool:
    """Measure and print. Raises ConnectionError when an answer was a wrong one."""
    options = read_options()
    with ExitStack() as stack:
        stage = stack.enter_context(make_stage())
        clients = stack.enter_context(load_processes())
        web = stack.enter_context(web_server(stage))
        measure(stage, Bench(web, clients), options)
    return True


def read_options() -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns that each route has (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn (1)")
    parser.add_argument("--connections", type=int, default=16, help="connections that are kept open and busy (16)")
    parser.add_argument("--events", type=int, default=600, help="events in the table (600)")
    return Options(**vars(parser.parse_args()))


@contextmanager
def load_processes() -> Iterator[ProcessPoolExecutor]:
    """The clients, apart from this process; they leave Ctrl-C to it and end with the turn under way."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(MOST_CLIENTS, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def measure(stage: Stage, bench: Bench, options: Options) -> None:
    """Warm up, run the rounds, print both tables. Raises ConnectionError."""
    routes = make_routes(stage, options.events, f"127.0.0.1:{bench.web.port}")
    empty, registering = routes[0], routes[-2:]
    crowds = [(1, options.connections), (2, options.connections), (2, 2 * options.connections)]
    print(describe_setup(stage.environ, f"{options.connections} connections, {options.rounds} x {options.seconds} s"))
    warm_up = {
        route.name: bench.take_turn(route, WARM_UP_SECONDS, options.connections, MOST_CLIENTS) for route in routes
    }
    rounds = [
        {route.name: bench.take_turn(route, options.seconds, options.connections) for route in routes}
        for _ in range(options.rounds)
    ]
    print(render_routes(rounds))
    print(check_stored(stage, [turns[route.name].load for turns in (warm_up, *rounds) for route in registering]))
    crowded = [
        {crowd: bench.take_turn(empty, options.seconds / 2, crowd[1], crowd[0]) for crowd in crowds}
        for _ in range(options.rounds)
    ]
    print(render_crowds(crowded))


def make_routes(stage: Stage, events: int, host: str) -> list[Route]:
    """The empty view first, both kinds of registration last."""
    ids = add_events(stage.database_url, events)
    hot_id = add_hot_event(stage.database_url)
    readers = sign_tokens(stage.secret, 1, READERS)
    next_user = count(FIRST_NEW_USER, USERS_A_TURN)

    def read(paths: list[str]) -> Callable[[float], list[bytes]]:
        callers = range(max(len(paths), READERS))
        chosen = [make_request("GET", host, paths[n % len(paths)], readers[n % READERS]) for n in callers]
        return lambda _: chosen

    def register(name: str, event_ids: list[str]) -> Route:
        paths = [f"/events/{event_id}/register" for event_id in event_ids]
        return register_route(name, paths, stage.secret, host, next_user)

    return [
        Route("empty view", read(["/benchmarks/empty"])),
        Route("list: `GET /events`, 20 a page", read(["/events"])),
        Route("detail: `GET /events/{id}`", read([f"/events/{event_id}" for event_id in ids])),
        register("register: one event for all", [hot_id]),
        register(f"register: {events} events in turn", ids),
    ]


def register_route(name: str, paths: list[str], secret: str, host: str, next_user: Iterator[int]) -> Route:
    """POSTs to the paths in turn, each by a user who has never been here; turns of one benchmark share `next_user`."""

    def make_requests(seconds: float) -> list[bytes]:
        tokens = sign_tokens(secret, next(next_user), int(seconds * NEW_USERS_A_SECOND))
        return [make_request("POST", host, paths[n % len(paths)], token) for n, token in enumerate(tokens)]

    return Route(name, make_requests, is_repeated=False, status=201)


def make_request(method: str, host: str, path: str, token: str) -> bytes:
    """One HTTP/1.1 request; a POST carries the empty object."""
    body = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" if method == "POST" else "\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{body}".encode()


def merge(loads: list[Load]) -> Load:
    """Clients that ran side by side, as one."""
    merged = Load(seconds=max(load.seconds for load in loads))
    for load in loads:
        merged.statuses += load.statuses
        merged.latencies += load.latencies
        merged.busy_seconds = max(merged.busy_seconds, load.busy_seconds)
    return merged


def check_stored(stage: Stage, loads: list[Load]) -> str:
    """Every 201 is a registration, a seat and a message. Raises ConnectionError."""
    answered = sum(len(load.latencies) for load in loads)
    stored = count_stored(stage.database_url)
    if stored != Stored(answered, answered, answered):
        raise ConnectionError(f"{answered} registrations were answered with 201, but the database holds {stored}")
    return f"{answered} registrations answered with 201; the database holds as many rows, seats and messages.\n"


if __name__ == "__main__":
    sys.exit(exit_code(main))
