"""What `make run` says once the service answers: where it is, and who may come in."""

import time

from meetinity_events.embedded.health import is_healthy

PROBE_SECONDS = 0.5

TEXT = """
  The event service runs at  http://localhost:{port}
  API documentation          http://localhost:{port}/docs
  Admin                      http://localhost:{port}/admin/
{demo_data}
  Ctrl-C stops everything; the data stays for the next time.
"""


class Banner:
    """Prints its text once, when /health answers for the first time."""

    def __init__(self, port: int, demo_data: str) -> None:
        """Keep the lines about the demo user, which are known before the web server starts."""
        self._text = TEXT.format(port=port, demo_data="".join(f"  {line}\n" for line in demo_data.splitlines()))
        self._port = port
        self._is_shown = False
        self._next_probe = 0.0

    def show_once_it_answers(self) -> None:
        """Ask at most twice a second, and never again after the first answer."""
        if self._is_shown or time.monotonic() < self._next_probe:
            return
        if is_healthy(self._port):
            print(self._text, flush=True)
            self._is_shown = True
        self._next_probe = time.monotonic() + PROBE_SECONDS
