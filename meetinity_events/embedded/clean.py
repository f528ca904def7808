"""`make clean`: removes the data folder, so that the next `make run` begins from nothing."""

from collections.abc import Mapping

from meetinity_events.embedded.data_folder import (
    LOCK_FILE,
    PROJECT_ROOT,
    find_data_folder,
    hold_data_folder,
    remove_data_folder,
)
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.records import stop_leftovers


def clean(environ: Mapping[str, str]) -> None:
    """Remove DATA_DIR and what root keeps for it outside; a folder that is not there is no error.

    Raises EmbeddedError while a run holds the folder, and for a folder that no run has made.
    """
    data_dir = find_data_folder(environ)
    if not data_dir.exists():
        return
    if data_dir != PROJECT_ROOT / ".data" and not (data_dir / LOCK_FILE).exists():
        raise EmbeddedError(f"DATA_DIR: {data_dir} was not made by `make run`; remove it yourself if you mean it.")
    with hold_data_folder(data_dir):
        stop_leftovers(data_dir)
        remove_data_folder(data_dir)
    print(f"Removed {data_dir}")
