"""A TCP proxy that a test can silence or cut: a dependency that is slow to say nothing, or gone."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from socketserver import BaseRequestHandler, ThreadingTCPServer

PATIENCE_SECONDS = 0.02


class State(Enum):
    """What the proxy does with a connection."""

    PASSING = auto()
    SILENT = auto()
    CUT = auto()


class Proxy(ThreadingTCPServer):
    """Listens on a port of its own and passes bytes on to `target` while its state is PASSING."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Passer)
        self.target = target
        self.state = State.PASSING

    @property
    def address(self) -> str:
        """Host and port to connect to."""
        return f"127.0.0.1:{self.server_address[1]}"


class Passer(BaseRequestHandler):
    """One connection."""

    server: Proxy

    def handle(self) -> None:
        """Pass bytes both ways until either side ends or the proxy is cut."""
        if self.server.state is State.CUT:
            return
        with socket.create_connection(self.server.target) as upstream:
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
                sink.sendall(received)
            except TimeoutError:
                continue
            except OSError:
                return


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
