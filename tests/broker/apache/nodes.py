"""One Java server that can be killed, paused and started again: the same port and the same disk each time."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.ports import wait_until
from meetinity_events.embedded.process import Command, OwnedProcess, log_file, start_process
from tests.broker.apache.jars import find_java

START_SECONDS = 90
RESTARTS = 10
STILL_REMEMBERED = "node already exists"
# A quick start matters more here than speed after an hour, and several of them share a small machine.
QUICK_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
SLF4J = "-Dorg.slf4j.simpleLogger"
LOGGING = (f"{SLF4J}.defaultLogLevel=warn", f"{SLF4J}.log.org.apache.kafka.common.utils.AppInfoParser=info")


@dataclass
class Node:
    """`answers` says whether it serves; `heap_mib` bounds its memory. It keeps nothing but what lies in `folder`."""

    name: str
    folder: Path
    jars: Path
    arguments: tuple[str, ...]
    answers: Callable[[], bool]
    heap_mib: int
    is_quick: bool = True
    server: OwnedProcess | None = field(default=None, init=False)

    def launch(self) -> None:
        """Start the process without waiting for it."""
        words = java_words(self.jars, self.heap_mib, *(QUICK_START if self.is_quick else ()))
        command = Command(self.name, (*words, *self.arguments), stop_signal=signal.SIGKILL)
        self.server = start_process(command, self.folder)

    def serves(self) -> bool:
        """Wait until it serves; False when it ended instead, or stays silent."""
        server = self.process
        return wait_until(lambda: server.has_exited or self.answers(), START_SECONDS) and not server.has_exited

    def wait(self) -> None:
        """Wait until it serves. Raises EmbeddedError with the end of its log when it does not."""
        if not self.serves():
            raise EmbeddedError(f"{self.name} does not start:\n{self.log()[-2000:]}")

    def start(self) -> None:
        """Start it and wait until it serves. Raises EmbeddedError when it does not.

        A broker that is back before ZooKeeper has forgotten its former life ends at once: this starts it again, as a
        supervisor would.
        """
        self.launch()
        for _ in range(RESTARTS):
            if self.serves() or STILL_REMEMBERED not in self.log():
                break
            self.kill()
            self.launch()
        self.wait()

    def kill(self) -> None:
        """End it by SIGKILL: nothing but its disk is left. Throwaway servers are also stopped like this."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    @property
    def process(self) -> OwnedProcess:
        """The running process."""
        assert self.server is not None
        return self.server

    def log(self) -> str:
        """What it has written since its last start."""
        return log_file(self.folder, self.name).read_text(errors="replace")


def java_words(jars: Path, heap_mib: int, *options: str) -> tuple[str, ...]:
    """The beginning of a command line, up to the name of the class."""
    return (find_java(), f"-Xmx{heap_mib}m", *options, *LOGGING, "-cp", f"{jars}/*")


def write_properties(file: Path, properties: Mapping[str, object]) -> Path:
    """A configuration as Java programs read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    return file
