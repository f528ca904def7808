"""A profiler that samples by processor time, so that a busy machine does not blur it and tracing does not inflate it.

A sample belongs to the innermost function on its stack that ROOMS names.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# The kernel looks at this clock on its own ticks, so that the real interval is up to 4 ms.
INTERVAL_SECONDS = 0.001

# End of the file's path, function, and what the time is spent on.
ROOMS: dict[tuple[str, str], str] = {
    ("django/core/handlers/wsgi.py", "__call__"): "Django's handler and the middleware",
    ("rest_framework/viewsets.py", "view"): "DRF's view around the action",
    ("rest_framework/request.py", "_authenticate"): "token",
    ("logging/__init__.py", "info"): "the request's line in the log",
    ("meetinity_events/api/permissions.py", "has_permission"): "removed user? (Redis)",
    ("meetinity_events/api/throttling.py", "allow_request"): "rate limit (Redis)",
    ("db/backends/base/base.py", "close_if_health_check_failed"): "health check of the database connection",
    ("meetinity_events/api/authentication.py", "authenticate"): "token",
    ("meetinity_events/api/redis_scripts.py", "__call__"): "limit, removed user and bytes (Redis)",
    ("meetinity_events/api/cache.py", "forget"): "forgetting what has changed (Redis)",
    ("events/api/neutral.py", "fill_in"): "filling in what is the caller's",
    ("meetinity_events/prepared.py", "fetch_all"): "a prepared query",
    ("events/api/dialects/canonical.py", "event_body"): "writing the answer",
    ("events/api/neutral.py", "write_neutral"): "writing the answer",
    ("meetinity_events/api/pagination.py", "write_cursor"): "writing the answer",
    ("rest_framework/response.py", "rendered_content"): "writing the answer",
    ("rest_framework/serializers.py", "data"): "writing the answer",
    ("rest_framework/serializers.py", "is_valid"): "reading the body",
    ("rest_framework/request.py", "_parse"): "reading the body",
    ("integrations/users/validation.py", "require_active_user"): "asking user-service (HTTP)",
    ("registrations/services/register_user.py", "register_user"): "the statement that registers",
    ("django/db/transaction.py", "__enter__"): "begin and commit",
    ("django/db/transaction.py", "__exit__"): "begin and commit",
    ("integrations/outbox/record.py", "nudge"): "waking the relay (Redis)",
    ("django/db/models/query.py", "get"): "the query that reads the row back",
}
# The parts of a query, told apart on the way out to its room.
STEPS: dict[tuple[str, str], str] = {
    ("django/db/models/sql/compiler.py", "as_sql"): "compiling the SQL",
    ("django/db/backends/utils.py", "execute"): "running it",
    ("django/db/models/sql/compiler.py", "results_iter"): "fetching and converting the rows",
    ("django/db/models/query.py", "__iter__"): "fetching and converting the rows",
}
QUERIES = frozenset(room for room in ROOMS.values() if "query" in room)


class Sampler:
    """Counts where the main thread is, while it runs."""

    def __init__(self) -> None:
        self.samples: Counter[str] = Counter()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sample until the block ends."""
        previous = signal.signal(signal.SIGPROF, self.take_sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, previous)

    def take_sample(self, number: int, frame: FrameType | None) -> None:
        """Count one tick for the room that `frame` is in."""
        self.samples[find_room(frame)] += 1

    def shares(self) -> list[tuple[str, float]]:
        """The rooms by their share of the time, largest first."""
        total = self.samples.total()
        return [(room, count / total) for room, count in self.samples.most_common()]


def find_room(frame: FrameType | None) -> str:
    """The room of the innermost frame that has one; for a query with the step inside it."""
    step = "building it"
    while frame is not None:
        room = look_up(ROOMS, frame)
        if room is not None:
            return f"{room}: {step}" if room in QUERIES else room
        if step == "building it":
            step = look_up(STEPS, frame) or step
        frame = frame.f_back
    return "the benchmark itself"


def look_up(names: dict[tuple[str, str], str], frame: FrameType) -> str | None:
    """What the table says of the frame's function."""
    path, function = frame.f_code.co_filename, frame.f_code.co_name
    return next((label for (file, name), label in names.items() if name == function and path.endswith(file)), None)
