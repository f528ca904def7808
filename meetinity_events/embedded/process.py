"""One server as a process in its own session: started, recorded on disk, stopped without leaving a child behind."""

import functools
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.ports import find_free_port, wait_until
from meetinity_events.embedded.records import OWNER_VARIABLE, Record, drop_record, stop_session, write_record

LOG_FOLDER = "logs"


@dataclass(frozen=True)
class Command:
    """What to start: `stop_signal` is the one that ends it cleanly, `user` the account to run as (root only).

    `environ` is its whole environment, `output` the descriptor that it writes to, and `folder` where it works; without
    them it gets PATH alone, a log file of its name, begun anew, and no folder of anybody's.
    """

    name: str
    arguments: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    environ: Mapping[str, str] | None = None
    output: int | None = None
    folder: Path = Path("/")


@dataclass(frozen=True)
class OwnedProcess:
    """A running server of a data folder."""

    process: subprocess.Popen[bytes]
    record: Record
    data_dir: Path

    @property
    def has_exited(self) -> bool:
        """True as soon as the server itself is gone, whatever its children do."""
        return self.process.poll() is not None

    def stop(self, timeout_seconds: float = 15) -> None:
        """End the server by its own signal, then whatever of its session still lives by SIGKILL; forget the record."""
        if not self.has_exited:
            self.process.send_signal(self.record.stop_signal)
            try:
                self.process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        stop_session(self.record, self.data_dir, timeout_seconds)
        drop_record(self.data_dir, self.record.name)


def start_process(command: Command, data_dir: Path) -> OwnedProcess:
    """Start `command` with the folder's mark in its environment; raises EmbeddedError when that is not possible.

    On Linux with setpriv it receives its stop signal when the calling thread dies, so that nothing outlives SIGKILL.
    """
    log_file(data_dir, command.name).parent.mkdir(exist_ok=True)
    with log_file(data_dir, command.name).open("wb") as log:
        try:
            process = subprocess.Popen(
                [*die_with_parent(command.stop_signal), *command.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log if command.output is None else command.output,
                stderr=subprocess.STDOUT,
                cwd=command.folder,
                env={
                    **(command.environ or {"PATH": os.environ.get("PATH", os.defpath)}),
                    OWNER_VARIABLE: str(data_dir),
                },
                start_new_session=True,
                user=command.user,
                group=pwd.getpwnam(command.user).pw_gid if command.user else None,
                extra_groups=[] if command.user else None,
            )
        except OSError as error:
            raise EmbeddedError(f"{command.name} cannot be started: {error}") from None
    return OwnedProcess(process, write_record(data_dir, command.name, process.pid, command.stop_signal), data_dir)


def start_server(
    make_command: Callable[[int], Command], answers: Callable[[int], bool], data_dir: Path, timeout_seconds: float = 30
) -> tuple[OwnedProcess, int]:
    """Start a server on a free port and wait for its first answer; returns it with its port.

    A server that ends at once is tried again on another port, as somebody may have taken the first one meanwhile.
    Raises EmbeddedError after three attempts, or when a living server stays silent.
    """
    for _ in range(3):
        port = find_free_port()
        server = start_process(make_command(port), data_dir)
        has_ended_or_answers = functools.partial(
            lambda server, port: server.has_exited or (listens(server, port) and answers(port)), server, port
        )
        is_in_time = wait_until(has_ended_or_answers, timeout_seconds)
        if is_in_time and not server.has_exited:
            return server, port
        server.stop()
        if not is_in_time:
            break
    raise EmbeddedError(f"{server.record.name} does not start; its log is {log_file(data_dir, server.record.name)}")


def listens(server: OwnedProcess, port: int) -> bool:
    """True when it is this server or a process below it that has the port, and not another program that was faster."""
    try:
        root = psutil.Process(server.process.pid)
        return any(has_port(process, port) for process in [root, *root.children(recursive=True)])
    except psutil.NoSuchProcess:
        return False


def has_port(process: psutil.Process, port: int) -> bool:
    """True when the process listens on the TCP port; False for one that is gone or another account's."""
    try:
        sockets = process.net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


def log_file(data_dir: Path, name: str) -> Path:
    """Where the output of the server `name` goes."""
    return data_dir / LOG_FOLDER / f"{name}.log"


def die_with_parent(number: signal.Signals) -> list[str]:
    """The words before a command that must not outlive this process; none where the system has no such tool."""
    program = find_setpriv()
    return [program, "--pdeathsig", number.name.removeprefix("SIG")] if program else []


@functools.cache
def find_setpriv() -> str | None:
    """The setpriv of util-linux where it can ask the kernel for a signal at the parent's death."""
    program = shutil.which("setpriv")
    if program is None:
        return None
    listing = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    return program if "--pdeathsig" in listing.stdout else None
