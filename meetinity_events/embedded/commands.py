"""The processes of the service: the one table that `make run` starts and that compose.yaml repeats."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Child:
    """A long-running process. `{data_dir}` in its command is the data folder.

    It has `stop_seconds` to end after SIGTERM.
    """

    name: str
    command: tuple[str, ...]
    stop_seconds: int

    def arguments(self, data_dir: Path) -> tuple[str, ...]:
        """Fill the data folder in."""
        return tuple(word.replace("{data_dir}", str(data_dir)) for word in self.command)


CELERY = ("celery", "-A", "meetinity_events")

# In the order of starting; they stop in the opposite one.
CHILDREN = (
    Child("web", ("gunicorn", "-c", "python:meetinity_events.gunicorn_conf", "meetinity_events.wsgi:application"), 30),
    Child("worker", (*CELERY, "worker", "-Q", "default", "--concurrency", "2", "-n", "default@%h"), 20),
    Child("outbox", (*CELERY, "worker", "-Q", "outbox", "--concurrency", "1", "-n", "outbox@%h"), 20),
    Child("beat", (*CELERY, "beat", "--schedule", "{data_dir}/beat-schedule"), 10),
    Child("consumer", ("python", "manage.py", "consume_kafka"), 20),
)
