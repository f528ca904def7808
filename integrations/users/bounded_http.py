"""HTTP whose whole answer must arrive by a deadline: urllib3 bounds single pieces, and a header can drip for hours."""

import socket
import time
from contextvars import ContextVar

from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection

# On the monotonic clock; set by whoever asks, for the calls of this thread.
answer_deadline: ContextVar[float] = ContextVar("answer_deadline")


class BoundedSocket(socket.socket):
    """Reads until the deadline and not a moment longer."""

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0) -> int:  # type: ignore[override]
        """As of a socket. Raises TimeoutError at the deadline."""
        remaining = answer_deadline.get() - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self.settimeout(remaining)
        return super().recv_into(buffer, nbytes, flags)


class BoundedConnection(HTTPConnection):
    """A connection over such a socket."""

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        bounded = BoundedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        bounded.settimeout(timeout)
        return bounded


class BoundedPool(HTTPConnectionPool):
    """Connections of that kind to one host."""

    ConnectionCls = BoundedConnection


def make_bounded_pool() -> PoolManager:
    """Pools that ask once and follow nothing. Over TLS, which reads beneath Python, each piece alone is bounded."""
    manager = PoolManager(num_pools=4, maxsize=32, retries=False)
    manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "http": BoundedPool}
    return manager
