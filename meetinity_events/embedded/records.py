"""What survives a starter killed by SIGKILL: one small file a server, and how to stop exactly what it names."""

import json
import os
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

RECORD_FOLDER = "processes"
# Every process of a folder carries it in its environment, which its children inherit.
OWNER_VARIABLE = "MEETINITY_DATA_DIR"
CLOCK_SLACK_SECONDS = 2


@dataclass(frozen=True)
class Record:
    """The leader of a session that this data folder started; `created` is its start as seconds since 1970."""

    name: str
    pid: int
    created: float
    stop_signal: int


def write_record(data_dir: Path, name: str, pid: int, stop_signal: signal.Signals) -> Record:
    """Remember a server that has just been started. A later one of that name replaces it."""
    record = Record(name, pid, psutil.Process(pid).create_time(), int(stop_signal))
    (data_dir / RECORD_FOLDER).mkdir(exist_ok=True)
    record_file(data_dir, name).write_text(json.dumps(asdict(record)))
    return record


def drop_record(data_dir: Path, name: str) -> None:
    """Forget a server that has stopped; one that is not recorded is no error."""
    record_file(data_dir, name).unlink(missing_ok=True)


def record_file(data_dir: Path, name: str) -> Path:
    """Where the record of `name` lies."""
    return data_dir / RECORD_FOLDER / f"{name}.json"


def stop_leftovers(data_dir: Path, timeout_seconds: float = 10) -> list[str]:
    """Stop what an earlier, killed starter of this folder left running; the last started first.

    Call it only while holding the folder. Returns the names of those that still ran.
    """
    stopped = []
    for record in read_records(data_dir):
        if stop_session(record, data_dir, timeout_seconds):
            stopped.append(record.name)
        drop_record(data_dir, record.name)
    return stopped


def read_records(data_dir: Path) -> list[Record]:
    """The recorded servers, the last started first; a half-written record is dropped."""
    records = []
    for file in (data_dir / RECORD_FOLDER).glob("*.json"):
        try:
            records.append(Record(**json.loads(file.read_text())))
        except (ValueError, TypeError):
            file.unlink()
    return sorted(records, key=lambda record: record.created, reverse=True)


def stop_session(record: Record, data_dir: Path, timeout_seconds: float) -> bool:
    """End a session: its leader by its own signal (all members if that is gone), after the timeout by SIGKILL."""
    members = find_members(record, data_dir)
    leaders = [process for process in members if process.pid == record.pid]
    for process in leaders or members:
        signal_process(process, record.stop_signal if leaders else signal.SIGTERM)
    psutil.wait_procs(members, timeout_seconds)
    rest = find_members(record, data_dir)
    for process in rest:
        signal_process(process, signal.SIGKILL)
    psutil.wait_procs(rest, timeout_seconds)
    return bool(members)


def find_members(record: Record, data_dir: Path) -> list[psutil.Process]:
    """The living processes of the recorded session; a pid that somebody else got meanwhile is none."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == record.pid and is_ours(process, record, data_dir):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def is_ours(process: psutil.Process, record: Record, data_dir: Path) -> bool:
    """True for the leader with the recorded start time, and for a later process with this folder's mark."""
    if process.status() == psutil.STATUS_ZOMBIE:
        return False
    seconds_later = process.create_time() - record.created
    if process.pid == record.pid:
        return abs(seconds_later) < CLOCK_SLACK_SECONDS
    has_mark = process.environ().get(OWNER_VARIABLE) == str(data_dir)
    return has_mark and seconds_later > -CLOCK_SLACK_SECONDS


def signal_process(process: psutil.Process, number: int) -> None:
    """Send a signal; a process that has just gone is no error (psutil compares its start time before sending)."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
