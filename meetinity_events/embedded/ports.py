"""Free and taken TCP ports of this machine, and waiting for something to answer."""

import socket
import time
from collections.abc import Callable, Mapping

from meetinity_events.embedded.errors import EmbeddedError


def read_port(environ: Mapping[str, str]) -> int:
    """APP_PORT, 8083 when not set. Raises EmbeddedError when it is no port."""
    text = environ.get("APP_PORT") or "8083"
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise EmbeddedError(f"APP_PORT: {text!r} is not a port.")
    return int(text)


def find_free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now; another program may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(port: int) -> bool:
    """True when a server may listen on `port` on every address; a port that is merely closing counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until(is_ready: Callable[[], bool], timeout_seconds: float, interval_seconds: float = 0.05) -> bool:
    """Ask `is_ready` until it says yes (True) or `timeout_seconds` have passed (False); it is asked at least once."""
    deadline = time.monotonic() + timeout_seconds
    while not is_ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_seconds)
    return True
