"""The lines of several processes on one terminal, each with the name of its process in front."""

import os
import selectors
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

LONGEST_PART = 64 * 1024


def make_fifos(data_dir: Path, names: Iterable[str]) -> dict[str, Path]:
    """Make a named pipe a process: a child that supervisord starts again opens it again and loses no line."""
    folder = data_dir / "output"
    folder.mkdir(exist_ok=True)
    fifos = {name: folder / name for name in names}
    for fifo in fifos.values():
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo, 0o600)
    return fifos


class LinePrinter:
    """Prints what arrives on several descriptors in whole lines; closes none of them but the pipes that it opened."""

    def __init__(self, fifos: Mapping[str, Path]) -> None:
        """Open the pipes for writing too, so that they never end while children come and go."""
        self._width = max(len(name) for name in (*fifos, "supervisor"))
        self._parts: dict[str, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._descriptors = [os.open(fifo, os.O_RDWR | os.O_NONBLOCK) for fifo in fifos.values()]
        for name, descriptor in zip(fifos, self._descriptors, strict=True):
            self.add(name, descriptor)

    def add(self, name: str, descriptor: int) -> None:
        """Print the lines of one more descriptor, until its end."""
        self._selector.register(descriptor, selectors.EVENT_READ, name)

    def print_lines(self, timeout_seconds: float) -> bool:
        """Wait for output and print its whole lines; false when nothing came in time."""
        ready = self._selector.select(timeout_seconds)
        for key, _ in ready:
            received = os.read(key.fd, LONGEST_PART)
            if not received:
                self._selector.unregister(key.fd)
            self._print_received(key.data, received)
        return bool(ready)

    def close(self) -> None:
        """Print what is left, unfinished lines too."""
        while self.print_lines(timeout_seconds=0):
            pass
        for name, part in self._parts.items():
            if part:
                self._print_line(name, part)
        self._selector.close()
        for descriptor in self._descriptors:
            os.close(descriptor)

    def _print_received(self, name: str, received: bytes) -> None:
        *lines, part = (self._parts.get(name, b"") + received).split(b"\n")
        if len(part) > LONGEST_PART:
            lines, part = [*lines, part], b""
        self._parts[name] = part
        for line in lines:
            self._print_line(name, line)

    def _print_line(self, name: str, line: bytes) -> None:
        text = f"{name:<{self._width}} | {line.decode(errors='replace').rstrip()}"
        try:
            print(text, flush=True)
        except BrokenPipeError:
            # Whoever read us is gone. The end that this exception begins still prints, so give it somewhere to.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
