"""The processes of the service: the one table that `make run` starts and that compose.yaml repeats."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Child:
    """A long-running process; `{data_dir}` in its command is the data folder.

    It has `stop_seconds` to end after SIGTERM. The children of one `group` stop at the same time.
    """

    name: str
    group: str
    stop_seconds: int
    command: tuple[str, ...]

    def arguments(self, data_dir: Path) -> tuple[str, ...]:
        """Fill the data folder in."""
        return tuple(word.replace("{data_dir}", str(data_dir)) for word in self.command)


GUNICORN = ("gunicorn", "-c", "python:meetinity_events.gunicorn_conf", "meetinity_events.wsgi:application")
CELERY = ("celery", "-A", "meetinity_events")
WORKER = (*CELERY, "worker", "-Q")

# The groups start in this order and stop in the opposite one.
CHILDREN = (
    Child("web", "web", 30, GUNICORN),
    Child("worker", "workers", 20, (*WORKER, "default,heartbeat", "--concurrency", "2", "-n", "default@%h")),
    Child("outbox", "workers", 20, (*WORKER, "outbox,heartbeat", "--concurrency", "1", "-n", "outbox@%h")),
    Child("beat", "beat", 10, (*CELERY, "beat", "--schedule", "{data_dir}/beat-schedule")),
    Child("consumer", "consumer", 20, ("python", "manage.py", "consume_kafka")),
)
