"""Sends prepared HTTP/1.1 requests over connections that stay open, and measures the answers.

One loop over raw sockets, since a client library costs more than the empty view that it would measure. It runs in a
process of its own and tells how busy that was: a client near 100 % measures itself.
"""

import re
import selectors
import socket
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice

DRAIN_SECONDS = 10
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Job:
    """Send `requests` to a port of 127.0.0.1 for `seconds`: each one once, or over and over again."""

    port: int
    requests: list[bytes]
    is_repeated: bool
    connections: int
    seconds: float


@dataclass
class Load:
    """What came back; latencies in seconds, `busy_seconds` is the client's own processor time."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    busy_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def busy_share(self) -> float:
        """How much of one core the client used."""
        return self.busy_seconds / self.seconds


class Connection:
    """One socket with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DRAIN_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Send one request; the clock of its answer starts."""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def read_answer(self, load: Load) -> bool:
        """Read what is there; when that completes the answer, add it to `load` and say so.

        Raises ConnectionError when it never will be complete.
        """
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed a connection in the middle")
        self.received += data
        head_end = self.received.find(HEAD_END)
        if head_end < 0:
            return False
        length = CONTENT_LENGTH.search(self.received, 0, head_end + 2)
        if length is None:
            raise ConnectionError("an answer without Content-Length")
        if len(self.received) < head_end + len(HEAD_END) + int(length[1]):
            return False
        load.latencies.append(time.perf_counter() - self.sent_at)
        load.statuses[int(self.received[9:12])] += 1
        self.received = b""
        return True


def run_load(job: Job) -> Load:
    """Keep every connection busy until the time or the requests run out, then wait for the answers under way.

    Raises ConnectionError when answers stay away for DRAIN_SECONDS.
    """
    waiting = cycle(job.requests) if job.is_repeated else iter(job.requests)
    load = Load()
    started, busy_before = time.perf_counter(), time.process_time()
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        # Each one sends at once: connections that stay silent together land on few of the server's processes.
        for request in islice(waiting, job.connections):
            connection = Connection(job.port)
            stack.callback(connection.socket.close)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(request)
        while selector.get_map():
            for connection in wait_for_answers(selector):
                is_complete = connection.read_answer(load)
                following = next(waiting, None) if is_complete and time.perf_counter() - started < job.seconds else None
                if following is not None:
                    connection.send(following)
                elif is_complete:
                    selector.unregister(connection.socket)
    load.seconds, load.busy_seconds = time.perf_counter() - started, time.process_time() - busy_before
    return load


def wait_for_answers(selector: selectors.BaseSelector) -> list[Connection]:
    """The connections on which something has come."""
    ready = selector.select(DRAIN_SECONDS)
    if not ready:
        raise ConnectionError("no answer any more")
    return [key.data for key, _ in ready]
