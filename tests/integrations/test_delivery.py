"""What the relay concludes from the client's reports, which name a failed message by what it says."""

import pytest
from confluent_kafka import KafkaError, Producer

from integrations.outbox import delivery
from integrations.outbox.delivery import Delivery, Row, read_reports, send


def row(number: int, payload: str = "{}", key: str = "a") -> Row:
    return Row(number, "events", key, "test.happened", payload, "{}", "2026-01-02T03:04:05Z")


def told(rows: list[Row], *failed: Row, code: int = KafkaError._PURGE_INFLIGHT) -> Delivery:
    """The delivery of the rows, all of which reached the client and some were reported as failed."""
    failures = {(each.topic, each.key.encode(), each.payload.encode()): KafkaError(code, "why") for each in failed}
    delivery = Delivery(rows, count=len(rows), failures=failures)
    read_reports(delivery)
    return delivery


def test_what_was_not_reported_was_acknowledged() -> None:
    delivery = told([row(1), row(2)])

    assert (delivery.acknowledged, delivery.outage, delivery.is_suspect) == ({1, 2}, "", False)


def test_the_rest_of_a_batch_counts_when_one_message_of_it_failed() -> None:
    rows = [row(1, "1"), row(2, "2"), row(3, "3")]

    delivery = told(rows, rows[1])

    assert (delivery.acknowledged, delivery.outage, delivery.unsendable) == ({1, 3}, "why", {})


def test_a_message_that_says_the_same_as_a_failed_one_is_sent_again_with_it() -> None:
    delivery = told([row(1), row(2), row(3, key="b")], row(1))

    assert (delivery.acknowledged, delivery.outage) == ({3}, "why")


def test_what_the_client_did_not_take_is_open_and_nothing_is_sent_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def take_one(producer: Producer, row: Row, delivery: Delivery, end: float) -> None:
        if row.id > 1:
            raise BufferError("the queue is full")

    monkeypatch.setattr(delivery, "produce", take_one)
    sent = send([row(1), row(2), row(3)])
    read_reports(sent)

    assert (sent.acknowledged, sent.outage, sent.has_failed) == ({1}, "the queue is full", True)


def test_a_refusal_is_certain_of_a_message_that_was_sent_alone() -> None:
    together = told([row(1, "1"), row(2, "2")], row(1, "1"), code=KafkaError.MSG_SIZE_TOO_LARGE)
    alone = told([row(1, "1")], row(1, "1"), code=KafkaError.MSG_SIZE_TOO_LARGE)

    assert (together.acknowledged, together.is_suspect, together.unsendable) == ({2}, True, {})
    assert (alone.acknowledged, alone.is_suspect, list(alone.unsendable)) == (set(), False, [1])
