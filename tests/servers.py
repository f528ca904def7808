"""A pytest plugin: servers for the URLs that are not set, for the time of one session, in a folder of its own."""

import os
import signal
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import pytest

from meetinity_events.embedded.data_folder import temporary_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.servers import missing_servers

_session = ExitStack()


# A wrapper runs before all plain hooks of its name, so before pytest-django reads the settings in its own.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers, except where pytest only prints its help or version."""
    options = early_config.known_args_namespace
    if hands_out_the_tests(options):
        # Or the settings would find a running `make run` here, and all processes would share its servers.
        os.environ["DATA_DIR"] = str(_session.enter_context(temporary_data_folder()))
    elif not options.help and not options.version:
        signal.signal(signal.SIGTERM, interrupt)
        _session.enter_context(throwaway_servers())
    try:
        return (yield)
    except BaseException:
        # pytest calls pytest_unconfigure only for what it has configured.
        _session.close()
        raise


def hands_out_the_tests(options: Namespace) -> bool:
    """True in the process that only hands tests to others: each of those starts servers of its own."""
    return bool(getattr(options, "numprocesses", 0)) and "PYTEST_XDIST_WORKER" not in os.environ


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers: pytest comes here after an interrupted run too."""
    _session.close()


@contextmanager
def throwaway_servers() -> Iterator[None]:
    """Point this process at servers and at folders for its data and uploads that end with the block."""
    try:
        with temporary_data_folder() as data_dir, missing_servers(data_dir, os.environ, is_throwaway=True) as variables:
            os.environ.update(variables, DATA_DIR=str(data_dir), UPLOAD_FOLDER=str(data_dir / "uploads"))
            # Fifty threads of a test on a busy machine must not count as an outage, in which nobody is limited.
            os.environ.setdefault("REDIS_TIMEOUT_SECONDS", "5")
            yield
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from None


def interrupt(number: int, frame: FrameType | None) -> None:
    """End the run as Ctrl-C does, so that SIGTERM leaves no server behind either."""
    raise KeyboardInterrupt
