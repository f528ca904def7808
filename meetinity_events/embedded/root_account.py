"""PostgreSQL refuses to run as root: which account it runs as then, and where that account can reach its files."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError

ACCOUNT = "nobody"


def server_account() -> str | None:
    """The account for PostgreSQL when this process is root; None when it may run as the caller."""
    return ACCOUNT if os.geteuid() == 0 else None


def is_open_to_others(path: Path) -> bool:
    """True when every folder above `path` may be passed through, and `path` itself be read, by any account."""
    folders_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    return folders_open and path.stat().st_mode & 0o005 == 0o005


def outside_folder(data_dir: Path) -> Path:
    """Root's stand-in for a data folder that lies below a closed folder: one name for each data folder."""
    name = f"meetinity-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]}"
    return Path("/var/tmp") / name  # noqa: S108 - open_outside_folder refuses what somebody else made there


def open_outside_folder(data_dir: Path) -> Path:
    """Make the stand-in. Raises EmbeddedError when somebody else has put something under its name."""
    folder = outside_folder(data_dir)
    folder.mkdir(mode=0o755, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0:
        raise EmbeddedError(f"{folder} belongs to somebody else; remove it, or set DATABASE_URL.")
    folder.chmod(0o755)
    return folder


def copy_for_others(source: Path, target: Path) -> None:
    """Copy a tree so that any account may read it and run its programs; a target that is there already is kept."""
    if target.exists():
        return
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft)
    for path in (draft, *draft.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
    draft.rename(target)
