"""A process that exports events one after the other and prints its peak of memory, in KiB, after each.

`python -m tests.registrations.export_memory {csv|xlsx} {organiser} {event} {event} ...`; with `CLIENT_SIDE=1` in the
environment the rows come without a cursor of the server, for the negative control.
"""

import os
import re
import sys
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meetinity_events.settings")
django.setup()

from django.db import connection  # noqa: E402

from meetinity_events.api.principal import Principal  # noqa: E402
from registrations.export import FileFormat, export_registrations  # noqa: E402


def peak_kib() -> int:
    """The most that this process has ever held; `ru_maxrss` would count what its parent held before."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    file_format, organiser, *event_ids = sys.argv[1:]
    connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = "CLIENT_SIDE" in os.environ
    caller = Principal(UUID(organiser), organiser)
    for event_id in event_ids:
        exported = export_registrations(event_id=UUID(event_id), caller=caller, file_format=FileFormat(file_format))
        exported.file.close()
        print(peak_kib())
