"""A TCP proxy that a test can silence or cut: a dependency that is slow to say nothing, or gone."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from socketserver import BaseRequestHandler, ThreadingTCPServer

PATIENCE_SECONDS = 0.02
LARGE_BYTES = 16 * 1024


class State(Enum):
    """What the proxy does with a connection."""

    PASSING = auto()
    SILENT = auto()
    CUT = auto()
    # Passes on, until the answer to the next request over LARGE_BYTES comes: that is lost with its connection, once.
    LOSING_AN_ANSWER = auto()


class Proxy(ThreadingTCPServer):
    """Listens on a port of its own and passes bytes on to `target` while its state is PASSING."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Passer)
        self.target = target
        self.state = State.PASSING
        self.passers: set[Passer] = set()

    @property
    def address(self) -> str:
        """Host and port to connect to."""
        return f"127.0.0.1:{self.server_address[1]}"


class Passer(BaseRequestHandler):
    """One connection."""

    server: Proxy

    def handle(self) -> None:
        """Pass bytes, unless the proxy is cut."""
        if self.server.state is State.CUT:
            return
        self.asked_bytes = 0
        self.server.passers.add(self)
        try:
            self.pass_both_ways()
        finally:
            self.server.passers.discard(self)

    def pass_both_ways(self) -> None:
        """Until either side ends or the proxy is cut; at once where the target refuses, as if it had hung up."""
        with suppress(ConnectionError), socket.create_connection(self.server.target) as upstream:
            back = threading.Thread(target=self.pass_on, args=(upstream, self.request), daemon=True)
            back.start()
            self.pass_on(self.request, upstream)
            with suppress(OSError):
                upstream.shutdown(socket.SHUT_RDWR)
            back.join()

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """One direction; a silent proxy keeps what it read until it may speak again."""
        source.settimeout(PATIENCE_SECONDS)
        while self.server.state is not State.CUT:
            try:
                received = source.recv(65536)
                if not received:
                    return
                while self.server.state is State.SILENT:
                    time.sleep(PATIENCE_SECONDS)
                if self.server.state is State.CUT:
                    return
                if self.server.state is State.LOSING_AN_ANSWER and self.loses(received, source):
                    return
                sink.sendall(received)
            except TimeoutError:
                continue
            except OSError:
                return

    def loses(self, received: bytes, source: socket.socket) -> bool:
        """True, and the connection is closed, when this is the answer to lose."""
        if source is self.request:
            self.asked_bytes += len(received)
            return False
        if self.asked_bytes < LARGE_BYTES:
            self.asked_bytes = 0
            return False
        self.server.state = State.PASSING
        self.request.shutdown(socket.SHUT_RDWR)
        return True


@contextmanager
def proxy_to(host: str, port: int) -> Iterator[Proxy]:
    """A running proxy; cut when the block ends."""
    proxy = Proxy((host, port))
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.state = State.CUT
        proxy.shutdown()
        proxy.server_close()
