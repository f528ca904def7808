"""`python -m meetinity_events.embedded run|demo|clean`: what the Makefile's targets of those names call."""

import os
import sys

from meetinity_events.embedded.clean import clean
from meetinity_events.embedded.demo import demo
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.run import run

COMMANDS = {"run": run, "demo": demo, "clean": clean}


def main(arguments: list[str]) -> int:
    """Run one command. Exit code 0 also for one that Ctrl-C or SIGTERM ended, 1 when it could not do its work."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m meetinity_events.embedded {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]](dict(os.environ))
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
