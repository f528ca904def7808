"""`python -m benchmarks.exports`: the web's memory while it exports lists of registrations of growing length.

One gunicorn worker; before each export the kernel forgets the worker's peak, so that the figure is that export's own.
Exits 1 when the longest list takes over 10 % more memory than the shortest. Linux only: /proc has the peak.
"""

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psycopg
import urllib3

from benchmarks.command import exit_code
from benchmarks.seed import ORGANISER, sign_tokens
from benchmarks.stage import Stage, Web, make_stage, web_server

SIZES = (1_000, 10_000, 50_000)
FORMATS = ("csv", "xlsx")
ROUNDS = 3
MOST_GROWTH = 1.1
ADD_EVENT = """
INSERT INTO events (title, start_date, category, created_by, registration_form)
VALUES ('Everybody comes', now() + interval '300 days', 'Meetup', %s, '{"properties": {"diet": {"type": "string"}}}')
RETURNING id
"""
# Two answers of 300 characters together.
ADD_REGISTRATIONS = """
INSERT INTO event_registrations (event_id, user_id, registration_data)
SELECT %s, gen_random_uuid(), jsonb_build_object('diet', repeat('vegan ', 25), 'else', repeat('answer ', 21))
FROM generate_series(1, %s)
"""


@dataclass(frozen=True)
class Export:
    """What one download took."""

    peak_mib: float
    seconds: float
    size_mib: float


def main() -> bool:
    """Measure and print; False when memory grew. Raises ConnectionError when an answer was a wrong one."""
    with make_stage() as stage, web_server(with_one_worker(stage)) as web:
        return measure(stage, web)


def with_one_worker(stage: Stage) -> Stage:
    """So that every export meets the same process."""
    return replace(stage, environ={**stage.environ, "WEB_WORKERS": "1"})


def measure(stage: Stage, web: Web) -> bool:
    """Print the table; False when memory grew."""
    (token,) = sign_tokens(stage.secret, 1, 1)
    events = dict(zip(SIZES, add_crowded_events(stage.database_url), strict=True))
    print("| format | rows | MiB of file | seconds | peak MiB of the worker | to the shortest |")
    print("|---|--:|--:|--:|--:|--:|")
    growth = []
    for file_format in FORMATS:
        download(web, events[SIZES[0]], file_format, token)  # warm
        base = None
        for size, event_id in events.items():
            turns = [download(web, event_id, file_format, token) for _ in range(ROUNDS)]
            peak, seconds = median(turn.peak_mib for turn in turns), median(turn.seconds for turn in turns)
            base = base or peak
            growth.append(peak / base)
            cells = f"{turns[0].size_mib:.1f} | {seconds:.2f} | {peak:.1f} | {peak / base:.3f}"
            print(f"| {file_format} | {size:,} | {cells} |")
    return max(growth) <= MOST_GROWTH


def add_crowded_events(database_url: str) -> Iterator[str]:
    """One event of each size."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for size in SIZES:
            row = connection.execute(ADD_EVENT, [ORGANISER]).fetchone()
            assert row is not None
            connection.execute(ADD_REGISTRATIONS, [row[0], size])
            yield str(row[0])


def download(web: Web, event_id: str, file_format: str, token: str) -> Export:
    """One export, as its client sees it. Raises ConnectionError when it is no whole file."""
    (worker,) = web.process.children()
    Path(f"/proc/{worker.pid}/clear_refs").write_text("5")
    started = time.perf_counter()
    url = f"http://127.0.0.1:{web.port}/events/{event_id}/registrations/export?format={file_format}"
    answer = urllib3.request("GET", url, headers={"Authorization": f"Bearer {token}"}, timeout=120, retries=False)
    seconds = time.perf_counter() - started
    if answer.status != 200 or answer.headers["Content-Length"] != str(len(answer.data)):
        raise ConnectionError(f"{url}: {answer.status}, {len(answer.data)} bytes")
    return Export(peak_mib(worker.pid), seconds, len(answer.data) / 2**20)


def peak_mib(pid: int) -> float:
    """The most memory that the process has held since its peak was forgotten."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    sys.exit(exit_code(main))
