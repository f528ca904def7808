"""How every script of this folder ends."""

import sys
from collections.abc import Callable

from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.run import stop_on_signals


def exit_code(measure: Callable[[], bool]) -> int:
    """What to exit with after `measure`, which says whether all is as it has to be.

    0 also when Ctrl-C or SIGTERM ended it; 1, with one line, when something did not start or an answer was a wrong one.
    """
    stop_on_signals()
    try:
        return int(not measure())
    except (EmbeddedError, ConnectionError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 0
