"""What the workers do for this app; every task is safe to run twice and at the same time."""

import time

from celery import Task, shared_task

from integrations.gateway.idempotency import purge_expired
from integrations.kafka.inbox import purge_handled
from integrations.matching.relay import tell_matching as tell_waiting
from integrations.outbox.purge import purge_finished
from integrations.outbox.record import forget_nudge, nudge
from integrations.outbox.relay import relay_outbox as relay_waiting
from meetinity_events.heartbeat import beat

# With the 10 s that a silent Kafka may take, a worker that was told to stop ends before it is killed.
RELAY_SECONDS = 8.0


@shared_task(name="integrations.tasks.relay_outbox")
def relay_outbox() -> None:
    """Send what waits in the outbox, for about 8 s at a time. Woken by a commit and, as a safety net, by beat."""
    forget_nudge()
    end = time.monotonic() + RELAY_SECONDS
    relay_waiting(is_over=lambda: time.monotonic() >= end)
    if time.monotonic() >= end:
        nudge()


@shared_task(name="integrations.tasks.tell_matching")
def tell_matching() -> None:
    """Tell matching-service what waits for it. Asked for by beat alone: what half a minute brings is told together."""
    tell_waiting()


@shared_task(name="integrations.tasks.heartbeat", bind=True)
def heartbeat(self: Task[[], None]) -> None:
    """Every worker's sign of life: beat sends it to all of them."""
    beat(self.request.hostname or "")


@shared_task(name="integrations.tasks.purge_outbox")
def purge_outbox() -> None:
    """Delete what was sent or handled so long ago that nobody asks for it."""
    purge_finished()
    purge_handled()
    purge_expired()
