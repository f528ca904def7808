"""A process that decodes a file and prints the decoder's word and its own peak of memory, in KiB.

`python -m tests.events.image_memory {folder}`; with `UNLIMITED=1` in the environment without the limits of the decoder,
for the negative control.
"""

import os
import re
import sys
from pathlib import Path

from events.images import decoder


def peak_kib() -> int:
    """The most that this process has ever held; `ru_maxrss` would count what its parent held before."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    if "UNLIMITED" in os.environ:
        decoder.limit_this_process = lambda: None
    try:
        word = decoder.main(sys.argv[1], ["gif", "jpg", "png"])
    except (OSError, ValueError, IndexError, SyntaxError):
        word = "unreadable"
    print(word, peak_kib())
