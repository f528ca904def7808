"""The lines of several processes on one terminal, each with the name of its process in front."""

import os
import selectors
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

LONGEST_PART = 64 * 1024


def make_fifos(data_dir: Path, names: Iterable[str]) -> dict[str, Path]:
    """Make a named pipe a process: a child that supervisord starts again opens it again and loses no line.

    Writers open them for reading too: should this process die, they can still write down how they end.
    """
    folder = data_dir / "output"
    folder.mkdir(exist_ok=True)
    fifos = {name: folder / name for name in names}
    for fifo in fifos.values():
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo, 0o600)
    return fifos


class LinePrinter:
    """Prints what arrives in several named pipes in whole lines."""

    def __init__(self, fifos: Mapping[str, Path]) -> None:
        """Open the pipes for writing too, so that they never end while processes come and go."""
        self._width = max(len(name) for name in fifos)
        self._parts = dict.fromkeys(fifos, b"")
        self._selector = selectors.DefaultSelector()
        for name, fifo in fifos.items():
            self._selector.register(os.open(fifo, os.O_RDWR | os.O_NONBLOCK), selectors.EVENT_READ, name)

    def print_lines(self, timeout_seconds: float) -> bool:
        """Wait for output and print its whole lines; false when nothing came in time."""
        ready = self._selector.select(timeout_seconds)
        for key, _ in ready:
            self._print_received(key.data, os.read(key.fd, LONGEST_PART))
        return bool(ready)

    def close(self) -> None:
        """Print what is left, unfinished lines too."""
        while self.print_lines(timeout_seconds=0):
            pass
        for name, part in self._parts.items():
            if part:
                self._print_line(name, part)
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()

    def _print_received(self, name: str, received: bytes) -> None:
        *lines, part = (self._parts[name] + received).split(b"\n")
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
