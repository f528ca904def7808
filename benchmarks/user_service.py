"""A user-service that knows everybody, in a thread of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BODY = b'{"exists": true, "is_active": true, "name": "Alice"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Connection(asyncio.Protocol):
    """Answers every request on a connection that stays open; a GET ends with its head."""

    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the head is complete."""
        self.received += data
        if self.received.endswith(b"\r\n\r\n"):
            self.received = b""
            self.transport.write(ANSWER)


@contextmanager
def user_service() -> Iterator[str]:
    """Serve on a free port of 127.0.0.1 until the block ends; yields USER_SERVICE_URL."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Connection, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, name="user-service", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()
