"""A server that breaks HTTP on purpose: silent, dripping, cut off or talking nonsense."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

DRIP_SECONDS = 0.05


class RudeServer:
    """Takes each connection, reads a little, says `first` and then `drip` again and again until the caller leaves."""

    def __init__(self, first: bytes, drip: bytes, is_reset: bool) -> None:
        self.callers = 0
        self._manners = first, drip, is_reset
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def stop(self) -> None:
        """Leave nobody behind."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._server.accept()
                self.callers += 1
                with caller, suppress(OSError):
                    self._mistreat(caller)

    def _mistreat(self, caller: socket.socket) -> None:
        first, drip, is_reset = self._manners
        caller.recv(65536)
        if is_reset:  # close() then sends RST
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        caller.sendall(first)
        while drip:
            caller.sendall(drip)
            time.sleep(DRIP_SECONDS)
        while not first and caller.recv(65536):
            pass


@contextmanager
def rude_server(*, first: bytes = b"", drip: bytes = b"", is_reset: bool = False) -> Iterator[RudeServer]:
    """Silent unless told otherwise; with `first` alone it hangs up after it."""
    server = RudeServer(first, drip, is_reset)
    try:
        yield server
    finally:
        server.stop()
