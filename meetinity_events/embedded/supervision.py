"""Keeps the processes of the service alive with supervisord, and prints their lines under their names."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from meetinity_events.embedded.commands import CHILDREN, Child
from meetinity_events.embedded.data_folder import PROJECT_ROOT
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.output import LinePrinter, make_fifos
from meetinity_events.embedded.process import Command, OwnedProcess, start_process

SUPERVISOR = "supervisor"
SUPERVISOR_SECTION = """\
[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
pidfile = {pid_file}
{user_line}

"""
# The lowest priority starts first and stops last; a group stops when the one after it has stopped.
GROUP_SECTION = """\
[group:{group}]
programs = {programs}
priority = {priority}

"""
# Never given up: a child that ends within `startsecs` is tried again after 1 s, then 2 s, 3 s and so on.
CHILD_SECTION = """\
[program:{name}]
command = {command}
directory = {directory}
startsecs = 5
startretries = 1000000
autorestart = true
stopwaitsecs = {stop_seconds}
killasgroup = true
stdout_logfile = NONE
stderr_logfile = NONE

"""


def supervise(data_dir: Path, environ: Mapping[str, str], on_tick: Callable[[], None]) -> None:
    """Start the children and print their lines for ever; `on_tick` is called at least twice a second.

    An exception, KeyboardInterrupt above all, stops the children in the opposite order of starting and goes on.
    Raises EmbeddedError when supervisord itself ends.
    """
    fifos = make_fifos(data_dir, [SUPERVISOR, *(child.name for child in CHILDREN)])
    printer = LinePrinter(fifos)
    supervisor = start_supervisor(data_dir, environ, fifos)
    try:
        while not supervisor.has_exited:
            printer.print_lines(timeout_seconds=0.5)
            on_tick()
        raise EmbeddedError(f"supervisord ended by itself with exit code {supervisor.process.returncode}.")
    finally:
        stop_supervisor(supervisor, printer)


def start_supervisor(data_dir: Path, environ: Mapping[str, str], fifos: Mapping[str, Path]) -> OwnedProcess:
    """Write supervisord's configuration into the data folder and start it with `environ`."""
    configuration = data_dir / "supervisord.conf"
    configuration.write_text(render_configuration(data_dir, fifos))
    arguments = (str(Path(sys.executable).parent / "supervisord"), "--nodaemon", "--configuration", str(configuration))
    output = os.open(fifos[SUPERVISOR], os.O_RDWR)
    try:
        return start_process(Command(SUPERVISOR, arguments, environ=environ, output=output), data_dir)
    finally:
        os.close(output)


def stop_supervisor(supervisor: OwnedProcess, printer: LinePrinter) -> None:
    """End the children one after the other while their lines are still printed, then whatever is left of them."""
    deadline = time.monotonic() + sum(child.stop_seconds for child in CHILDREN)
    supervisor.process.terminate()
    while not supervisor.has_exited and time.monotonic() < deadline:
        printer.print_lines(timeout_seconds=0.1)
    supervisor.stop(timeout_seconds=5)
    printer.close()


def render_configuration(data_dir: Path, fifos: Mapping[str, Path]) -> str:
    """Write supervisord's configuration: its own section, one a group of children, one a child."""
    user_line = "user = root" if os.geteuid() == 0 else ""
    sections = [SUPERVISOR_SECTION.format(pid_file=escape(str(data_dir / "supervisord.pid")), user_line=user_line)]
    for priority, group in enumerate(dict.fromkeys(child.group for child in CHILDREN), start=1):
        programs = ",".join(child.name for child in CHILDREN if child.group == group)
        sections.append(GROUP_SECTION.format(group=group, programs=programs, priority=priority))
    for child in CHILDREN:
        section = CHILD_SECTION.format(
            name=child.name,
            command=escape(shell_command(child, data_dir, fifos[child.name])),
            directory=escape(str(PROJECT_ROOT)),
            stop_seconds=child.stop_seconds,
        )
        sections.append(section)
    return "".join(sections)


def shell_command(child: Child, data_dir: Path, fifo: Path) -> str:
    """The child writing into its named pipe itself: the shell replaces itself by it, and nothing stands in between."""
    program, *words = child.arguments(data_dir)
    arguments = (str(Path(sys.executable).parent / program), *words)
    return shlex.join(("/bin/sh", "-c", 'exec "$@" 1<>"$0" 2>&1', str(fifo), *arguments))


def escape(text: str) -> str:
    """Supervisord expands %(name)s in every value."""
    return text.replace("%", "%%")
