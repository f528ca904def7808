"""Two relays side by side."""

import threading

from django.db import connections

from integrations.kafka.producer import discard_producer
from integrations.outbox.relay import relay_outbox


def run_two_relays() -> None:
    """Both begin at once, each with connections and a producer of its own; returns when both have ended."""
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            relay_outbox()
        finally:
            discard_producer()
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
