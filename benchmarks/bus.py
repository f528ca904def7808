"""`python -m benchmarks.bus`: the relay and the consumer on Apache Kafka beside what the client library does alone.

Prints each target with its figure; exits 1 on a miss. Needs Java 17 and, once, Maven, as `make test-kafka`. Linux only.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import psycopg
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from benchmarks.command import exit_code
from benchmarks.stage import Stage, last_lines, make_stage
from meetinity_events.embedded.commands import CHILDREN
from meetinity_events.embedded.data_folder import PROJECT_ROOT, temporary_data_folder
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.manage import run_manage
from meetinity_events.embedded.process import Command, log_file, start_process
from tests.broker.apache.brokers import KAFKA_4, running_broker

EVENT_TOPIC, USER_TOPIC = "event.events", "user.events"
ROUNDS, ROUND_MESSAGES = 3, 60_000
WRITES_A_SECOND, WRITE_SECONDS = 500, 20
PROFILES = 10_000
FEW_ROWS, MANY_ROWS = 20_000, 1_000_000
PATIENCE_SECONDS = 60.0
# A registration as it is most often sent, of one of a thousand events.
ADD_ROWS = """
INSERT INTO outbox_messages (topic, key, message_type, payload, headers)
SELECT %(topic)s, event_id, 'event.registration.created',
       jsonb_build_object('event_type', 'event.registration.created', 'event_id', event_id, 'user_id',
           gen_random_uuid(), 'registration_id', gen_random_uuid(), 'timestamp', '2026-01-02T03:04:05Z',
           'event_category', 'Networking', 'event_tags', '["tech", "startup"]'::jsonb),
       '{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}'
FROM generate_series(1, %(count)s) n, LATERAL (SELECT md5((n %% 1000)::text)::uuid::text AS event_id) event
"""


@dataclass(frozen=True)
class Target:
    """One promise and what was seen of it; `bound` is the least, or where `is_most` the most, that it allows."""

    name: str
    figure: float
    bound: float
    is_most: bool = False

    @property
    def is_met(self) -> bool:
        """True on the bound too."""
        return self.figure <= self.bound if self.is_most else self.figure >= self.bound

    def __str__(self) -> str:
        sign = "<=" if self.is_most else ">="
        return f"| {self.name} | {sign} {self.bound:,g} | {self.figure:,.2f} | {'yes' if self.is_met else 'NO'} |"


def main() -> bool:
    """Measure and print; True when every target is met."""
    with bus_stage() as stage:
        targets = [*measure_relay(stage), *measure_lag(stage), measure_consumer(stage), measure_memory(stage)]
    print("\n| | target | seen | met |\n|---|--:|--:|---|")
    print("\n".join(map(str, targets)))
    return all(target.is_met for target in targets)


@contextmanager
def bus_stage() -> Iterator[Stage]:
    """PostgreSQL, Redis and the newest Apache Kafka, all of them on their own disks, with the service's topics."""
    with (
        temporary_data_folder() as folder,
        running_broker(KAFKA_4, folder, heap_mib=512, is_quick=False) as broker,
        make_stage() as stage,
    ):
        print(f"{broker.title}, {ROUND_MESSAGES:,} messages a round\n", flush=True)
        stage = replace(stage, environ={**stage.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.address})
        run_manage(stage.environ, "create_topics")
        yield stage


def measure_relay(stage: Stage) -> list[Target]:
    """The relay and the bare producer in turns, on rows of the same kind."""
    rates: dict[str, list[float]] = {"bare": [], "relay": []}
    for number in range(ROUNDS + 1):
        add_rows(stage, ROUND_MESSAGES)
        for part, seen in rates.items():  # the bare producer leaves the rows, the relay marks them
            figures = run_part(stage, part)
            if number:  # the first round warms the broker up
                seen.append(figures["messages"] / figures["seconds"])
                processor = 1e6 * figures["processor_seconds"] / figures["messages"]
                print(f"{part}: {seen[-1]:,.0f} messages/s, {processor:.1f} us of processor each", flush=True)
    bare, relay = median(rates["bare"]), median(rates["relay"])
    ratio = median(relay / bare for bare, relay in zip(rates["bare"], rates["relay"], strict=True))
    return [
        Target("relay, part of the bare producer's rate", ratio, 0.5),
        Target(f"relay, messages/s (bare producer: {bare:,.0f})", relay, min(10_000, bare)),
    ]


def measure_lag(stage: Stage) -> list[Target]:
    """From before the transaction of a write to a reader of the topic, through the worker, once that is warm."""
    reader = read_from_now(stage)
    with outbox_worker(stage):
        write_and_read(stage, reader, rate=50, seconds=2)
        lags = write_and_read(stage, reader, rate=WRITES_A_SECOND, seconds=WRITE_SECONDS)
    reader.close()
    print(f"lag: median {1000 * median(lags):.0f} ms", flush=True)
    return [
        Target("writes/s while the lag was measured", len(lags) / WRITE_SECONDS, 0.98 * WRITES_A_SECOND),
        Target("lag from before a write to a reader, seconds, p99", quantiles(lags, n=100)[98], 1.0, is_most=True),
    ]


def write_and_read(stage: Stage, reader: Consumer, *, rate: int, seconds: int) -> list[float]:
    """The seconds that each write took to the reader. Raises EmbeddedError when one does not arrive."""
    lags: list[float] = []
    expected, end = sys.maxsize, time.monotonic() + seconds + PATIENCE_SECONDS
    with start_part(stage, "write", str(rate), str(seconds)) as writer:
        while len(lags) < expected and time.monotonic() < end:
            for message in reader.consume(500, 0.05):
                value = message.value()
                if message.error() is None and value is not None and b"began" in value:
                    lags.append(time.time() - json.loads(value)["began"])
            if expected == sys.maxsize and writer.poll() is not None:
                expected = int(read_figures(writer)["messages"])
    if len(lags) != expected:
        raise EmbeddedError(f"{len(lags)} of {expected} messages arrived.")
    return lags


def measure_consumer(stage: Stage) -> Target:
    """A topic full of profiles, each of another user."""
    producer = Producer({"bootstrap.servers": stage.environ["KAFKA_BOOTSTRAP_SERVERS"]})
    for number in range(PROFILES):
        profile = {
            "event_type": "user.updated",
            "user_id": str(UUID(int=number)),
            "updated_fields": ["location", "industry", "interests"],
            "location": "Paris, France",
            "industry": "Software",
            "interests": ["networking", "startups"],
            "timestamp": "2026-01-02T03:04:05Z",
        }
        producer.produce(USER_TOPIC, key=str(UUID(int=number)), value=json.dumps(profile))
    if producer.flush(PATIENCE_SECONDS):
        raise EmbeddedError("the broker did not take the profiles.")
    figures = run_part(stage, "consume", str(PROFILES))
    return Target("consumer, user.updated/s", figures["messages"] / figures["seconds"], 1000)


def measure_memory(stage: Stage) -> Target:
    """The relay's peak with a million waiting rows beside that with a few."""
    peaks = []
    for count in (FEW_ROWS, MANY_ROWS):
        add_rows(stage, count)
        figures = run_part(stage, "relay")
        if figures["messages"] != count:
            raise EmbeddedError(f"the relay sent {figures['messages']:,.0f} of {count:,} rows.")
        peaks.append(figures["peak_mib"])
        rate = count / figures["seconds"]
        print(f"{count:,} waiting rows: {rate:,.0f} messages/s, peak {peaks[-1]:.0f} MiB", flush=True)
    return Target(f"memory of the relay, {MANY_ROWS:,} rows to {FEW_ROWS:,}", peaks[1] / peaks[0], 1.1, is_most=True)


def add_rows(stage: Stage, count: int) -> None:
    """Let messages wait, in a table that is as well vacuumed as autovacuum keeps it."""
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        connection.execute(ADD_ROWS, {"topic": EVENT_TOPIC, "count": count})
        connection.execute("VACUUM ANALYZE outbox_messages")


def run_part(stage: Stage, *words: str) -> dict[str, float]:
    """One part of `benchmarks.bus_child`, to its end."""
    with start_part(stage, *words) as part:
        return read_figures(part)


def start_part(stage: Stage, *words: str) -> subprocess.Popen[str]:
    """The same without waiting for it."""
    command = [sys.executable, "-m", "benchmarks.bus_child", *words]
    return subprocess.Popen(
        command, env=dict(stage.environ), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, stderr=sys.stderr
    )


def read_figures(part: subprocess.Popen[str]) -> dict[str, float]:
    """What it printed last. Raises EmbeddedError when it failed."""
    output, _ = part.communicate()
    if part.returncode:
        raise EmbeddedError(f"{part.args} failed.")
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures


def read_from_now(stage: Stage) -> Consumer:
    """Stands at the end of each partition of the event topic."""
    brokers = stage.environ["KAFKA_BOOTSTRAP_SERVERS"]
    reader = Consumer({"bootstrap.servers": brokers, "group.id": "bench", "fetch.wait.max.ms": 10})
    partitions = reader.list_topics(EVENT_TOPIC, timeout=10).topics[EVENT_TOPIC].partitions
    reader.assign([TopicPartition(EVENT_TOPIC, number, OFFSET_END) for number in partitions])
    reader.poll(1)
    return reader


@contextmanager
def outbox_worker(stage: Stage) -> Iterator[None]:
    """The process that sends the outbox, by its own command, once it listens."""
    (child,) = (child for child in CHILDREN if child.name == "outbox")
    program, *words = child.arguments(stage.data_dir)
    arguments = (str(Path(sys.executable).parent / program), *words, "--loglevel", "INFO")
    worker = start_process(Command("outbox", arguments, environ=stage.environ, folder=PROJECT_ROOT), stage.data_dir)
    log = log_file(stage.data_dir, "outbox")
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while "ready" not in log.read_text():
            if worker.has_exited or time.monotonic() > end:
                raise EmbeddedError(f"the outbox worker does not start:\n{last_lines(log)}")
            time.sleep(0.1)
        yield
    finally:
        worker.stop()


if __name__ == "__main__":
    sys.exit(exit_code(main))
