"""How many messages of each partition this consumer has still to read, for the scrape."""

import time

from confluent_kafka import Consumer, TopicPartition

from integrations.kafka.recreated import Place
from meetinity_events.observability import metrics

COMMITTED_TIMEOUT_SECONDS = 5.0
SECONDS_BETWEEN = 5.0


class LagGauges:
    """Remembers the partitions that it has told of, so that one that went to another member is told as read."""

    def __init__(self) -> None:
        self._told: set[Place] = set()
        self._updated_at = float("-inf")

    def update(self, client: Consumer) -> None:
        """Set the gauges, every 5 s. The end of a partition is the one that came with its last messages.

        Raises KafkaException when the broker does not tell what is committed of a partition not read from yet.
        """
        if time.monotonic() - self._updated_at < SECONDS_BETWEEN:
            return
        self._updated_at = time.monotonic()
        lags = measure_lag(client)
        for topic, partition in self._told - lags.keys():
            metrics.CONSUMER_LAG.labels(topic, partition).set(0)
        for (topic, partition), lag in lags.items():
            metrics.CONSUMER_LAG.labels(topic, partition).set(lag)
        self._told = set(lags)


def measure_lag(client: Consumer) -> dict[Place, int]:
    """Of each assigned partition whose end is known: the messages behind our position."""
    positions: list[TopicPartition] = client.position(client.assignment())
    unread = [place for place in positions if place.offset < 0]
    if unread:
        committed = client.committed(unread, timeout=COMMITTED_TIMEOUT_SECONDS)
        positions = [place for place in positions if place.offset >= 0] + committed
    lags = {}
    for place in positions:
        beginning, end = client.get_watermark_offsets(place, cached=True)
        if end >= 0:
            lags[place.topic, place.partition] = end - (place.offset if place.offset >= 0 else max(beginning, 0))
    return lags
