"""The data folder: who may use it, and where each thing lies in it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.root_account import outside_folder

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LOCK_FILE = "lock"
SERVERS_FILE = "servers.env"
METRICS_FOLDER = "metrics"


def find_data_folder(environ: Mapping[str, str]) -> Path:
    """DATA_DIR of `environ`, or `.data` beside manage.py; absolute, and not yet made."""
    return Path(environ.get("DATA_DIR") or PROJECT_ROOT / ".data").resolve()


@contextmanager
def temporary_data_folder() -> Iterator[Path]:
    """A new folder that is removed at the end of the block."""
    data_dir = Path(tempfile.mkdtemp(prefix="meetinity-")).resolve()
    # PostgreSQL started by root runs as another account, which must be able to pass.
    data_dir.chmod(0o755)
    try:
        yield data_dir
    finally:
        remove_data_folder(data_dir)


def remove_data_folder(data_dir: Path) -> None:
    """Remove the folder and what root keeps for it outside."""
    shutil.rmtree(data_dir)
    shutil.rmtree(outside_folder(data_dir), ignore_errors=True)


@contextmanager
def servers_file(data_dir: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """While the block runs, tell other processes of this folder where the servers are: `servers.env`, dotenv lines."""
    file = data_dir / SERVERS_FILE
    draft = file.with_name(f"{SERVERS_FILE}.new")
    draft.write_text("".join(f"{name}='{value}'\n" for name, value in variables.items()))
    draft.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def hold_data_folder(data_dir: Path) -> Iterator[None]:
    """Make the folder and be its only user until the block ends.

    Raises EmbeddedError when another process holds it. The kernel drops the lock of a process that dies.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode().strip() or "another process"
        os.close(descriptor)
        raise EmbeddedError(f"The data folder {data_dir} is in use by process {holder}; stop that one first.") from None
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)
