"""`make run`: the whole service with whatever servers it lacks, until Ctrl-C or SIGTERM."""

import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from meetinity_events.embedded.banner import Banner
from meetinity_events.embedded.data_folder import METRICS_FOLDER, find_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.manage import run_manage
from meetinity_events.embedded.ports import is_port_free, read_port
from meetinity_events.embedded.reachable import check_given_urls
from meetinity_events.embedded.servers import missing_servers
from meetinity_events.embedded.supervision import supervise

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(environ: Mapping[str, str]) -> None:
    """Serve until KeyboardInterrupt, which Ctrl-C and SIGTERM become; nothing of it runs afterwards.

    Raises EmbeddedError when a port is taken, a given URL is unreachable, the data folder is in use, or a step fails.
    """
    stop_on_signals()
    port = read_port(environ)
    if not is_port_free(port):
        raise EmbeddedError(f"APP_PORT: port {port} is in use; stop the other program or set another APP_PORT.")
    check_given_urls(environ)
    data_dir = find_data_folder(environ)
    with missing_servers(data_dir, environ) as variables:
        environ = {**environ, **variables, "APP_PORT": str(port), "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
        print(run_manage(environ, "migrate"), end="", flush=True)
        print(run_manage(environ, "create_topics"), end="", flush=True)
        banner = Banner(port, run_manage(environ, "seed_demo"))
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(empty_metrics_folder(data_dir))
        supervise(data_dir, environ, banner.show_once_it_answers)


def stop_on_signals() -> None:
    """Turn the first of the stop signals into KeyboardInterrupt and ignore the others, so that the end is orderly."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for stop_signal in STOP_SIGNALS:
            signal.signal(stop_signal, signal.SIG_IGN)
        raise KeyboardInterrupt

    for stop_signal in STOP_SIGNALS:
        signal.signal(stop_signal, interrupt)


def empty_metrics_folder(data_dir: Path) -> Path:
    """Make the folder of the metrics of all processes anew: counts of an earlier run would be added otherwise."""
    folder = data_dir / METRICS_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
