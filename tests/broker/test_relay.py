"""The relay against a real broker: what arrives, in which order, and what is parked."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import connection, transaction
from jsonschema import Draft202012Validator
from pytest_httpserver import HTTPServer

from integrations.kafka import producer
from integrations.kafka.producer import discard_producer
from integrations.matching.attendance import record_attendance
from integrations.matching.relay import tell_matching
from integrations.models import OutboxMessage
from integrations.outbox import delivery, relay, shards
from integrations.outbox.delivery import Delivery, wait_for_reports
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from tests.broker.two_relays import run_two_relays
from tests.broker.wire import header, numbers_by_key, read_topic, wait_until
from tests.contract.test_messages import ASYNCAPI

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
HEADERS = Draft202012Validator(
    ASYNCAPI["components"]["messageTraits"]["cloudEvent"]["headers"], format_checker=Draft202012Validator.FORMAT_CHECKER
)
TOO_LARGE = "x" * 1_100_000
JAVAS_HASHES = Path(__file__).with_name("murmur2.json")


@transaction.atomic
def promise(*payloads: dict[str, Any], key: str = "a", topic: str | None = None) -> None:
    for payload in payloads:
        record(message_type="test.happened", key=key, payload=payload, topic=topic)


def promise_in_turns(keys: list[str], count: int) -> None:
    for number in range(count):
        promise({"number": number}, key=keys[number % len(keys)])


def state(number: int) -> str:
    row = OutboxMessage.objects.get(payload__number=number)
    return "published" if row.published_at else "parked" if row.parked_at else "waiting"


def count_published() -> int:
    return OutboxMessage.objects.exclude(published_at=None).count()


def test_a_message_arrives_as_the_contract_says(event_topic: str) -> None:
    key = uuid4()
    with transaction.atomic():
        record(message_type="event.created", key=key, payload={"title": "Café", "event_type": "event.created"})
    OutboxMessage.objects.update(headers={"traceparent": TRACE})

    assert relay_outbox() == 1

    (message,) = read_topic(event_topic, 1)
    row = OutboxMessage.objects.get()
    assert row.published_at is not None
    assert message.key() == str(key).encode()
    assert orjson.loads(message.value()) == {"title": "Café", "event_type": "event.created"}
    assert dict(message.headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": str(row.id).encode(),
        "ce_type": b"event.created",
        "ce_source": b"/event-service",
        "ce_time": row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
        "ce_subject": str(key).encode(),
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }
    told = {name: value.decode() for name, value in message.headers()}
    assert [error.message for error in HEADERS.iter_errors(told)] == []
    assert list(HEADERS.iter_errors({**told, "ce_specversion": "2.0"}))


@pytest.mark.parametrize("headers", [[1], {"traceparent": 5}, "text"])
def test_a_row_that_is_no_message_is_parked_and_does_not_hold_up_its_key(event_topic: str, headers: Any) -> None:
    promise({"number": 0}, {"number": 1}, {"number": 2})
    OutboxMessage.objects.filter(payload__number=1).update(headers=headers)

    assert relay_outbox() == 2

    assert [state(number) for number in range(3)] == ["published", "parked", "published"]
    assert "Error: " in OutboxMessage.objects.get(payload__number=1).error


def test_a_full_queue_of_the_client_is_waited_for(event_topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "QUEUE_MESSAGES", 10)
    discard_producer()
    promise_in_turns(["a", "b"], 60)

    assert relay_outbox() == 60

    discard_producer()
    assert numbers_by_key(read_topic(event_topic, 60)) == {"a": list(range(0, 60, 2)), "b": list(range(1, 60, 2))}


def test_a_batch_is_marked_while_the_next_one_is_on_its_way(
    event_topic: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOX_BATCH_SIZE = 2
    promise_in_turns(["a", "b"], 5)
    marked: list[int] = []

    def wait_and_see(delivery: Delivery) -> None:
        wait_for_reports(delivery)
        with suppress(AssertionError):
            wait_until(lambda: count_published() == 2 * len(marked), 5)
        marked.append(count_published())

    monkeypatch.setattr(relay, "wait_for_reports", wait_and_see)

    assert relay_outbox() == 5

    assert marked == [0, 2, 4]


def test_followers_are_told_of_a_batch_before_it_is_marked(event_topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    promise_in_turns(["a", "b"], 3)
    told: list[tuple[list[str], int]] = []
    monkeypatch.setattr(relay, "tell_followers", lambda keys: told.append((sorted(keys), count_published())))

    assert relay_outbox() == 3

    assert told == [(["a", "b"], 0)]


def test_each_relay_leaves_the_messages_of_the_other_alone(
    event_topic: str, settings: Any, httpserver: HTTPServer
) -> None:
    settings.MATCHING_SERVICE_URL = httpserver.url_for("")
    httpserver.expect_request("/matches/events/attendance").respond_with_data("")
    promise({"number": 0})
    with transaction.atomic():
        record_attendance(event_id=uuid4(), attendees=[uuid4()], category="Networking", tags=[])
    for_kafka, for_matching = OutboxMessage.objects.order_by("id")

    assert (relay_outbox(), len(read_topic(event_topic, 1)), httpserver.log) == (1, 1, [])
    for_matching.refresh_from_db()
    assert (for_matching.published_at, for_matching.parked_at) == (None, None)

    OutboxMessage.objects.filter(pk=for_kafka.pk).update(published_at=None)
    assert (tell_matching(), len(httpserver.log)) == (1, 1)
    for_kafka.refresh_from_db()
    assert (for_kafka.published_at, for_kafka.parked_at) == (None, None)


def test_a_relay_that_knows_no_destination_sends_no_attendance_to_kafka(event_topic: str) -> None:
    """A release before destinations parks it, for staff to send again: its topic is the path of a call."""
    with transaction.atomic():
        record_attendance(event_id=uuid4(), attendees=[uuid4()], category="Networking", tags=[])
    OutboxMessage.objects.update(destination="kafka")
    promise({"number": 1})

    assert relay_outbox() == 1

    row = OutboxMessage.objects.get(message_type="matching.attendance")
    assert (row.published_at, row.parked_at is not None) == (None, True)
    assert state(1) == "published"


def test_the_partition_is_the_one_that_javas_client_would_choose(event_topic: str) -> None:
    """The numbers in murmur2.json were printed by org.apache.kafka.common.utils.Utils.murmur2, of 3.5.2 as of 4.4.0."""
    hashes: dict[str, int] = dict(orjson.loads(JAVAS_HASHES.read_bytes()))
    for number, key in enumerate(hashes):
        promise({"number": number}, key=key)

    assert relay_outbox() == len(hashes) == 64

    found = read_topic(event_topic, len(hashes))
    partitions = {message.key().decode(): message.partition() for message in found}
    assert partitions == {key: (number & 0x7FFFFFFF) % 3 for key, number in hashes.items()}


def test_each_key_keeps_its_order_over_many_batches(event_topic: str, settings: Any) -> None:
    settings.OUTBOX_BATCH_SIZE = 7
    promise_in_turns(["a", "b", "c", "d"], 40)

    assert relay_outbox() == 40

    assert numbers_by_key(read_topic(event_topic, 40)) == {
        key: list(range(start, 40, 4)) for start, key in enumerate(["a", "b", "c", "d"])
    }
    assert relay_outbox() == 0


def test_a_message_that_is_too_large_is_parked_and_does_not_hold_up_its_key(event_topic: str) -> None:
    promise({"number": 0}, {"number": 1, "text": TOO_LARGE}, {"number": 2})

    assert relay_outbox() == 2

    assert [state(number) for number in range(3)] == ["published", "parked", "published"]
    assert "too large" in OutboxMessage.objects.get(payload__number=1).error
    assert numbers_by_key(read_topic(event_topic, 2)) == {"a": [0, 2]}


@pytest.fixture
def no_broker(settings: Any) -> Iterator[None]:
    """An address where nothing listens."""
    settings.KAFKA_BOOTSTRAP_SERVERS = "localhost:1"
    discard_producer()
    yield
    discard_producer()


@pytest.mark.usefixtures("no_broker")
def test_a_message_to_what_cannot_be_a_topic_is_parked_without_asking_kafka() -> None:
    promise({"number": 0}, topic="no topic can have this name!")

    assert relay_outbox() == 0

    assert state(0) == "parked"
    assert "cannot be the name of a topic" in OutboxMessage.objects.get().error


@pytest.mark.usefixtures("no_broker")
def test_an_outage_is_logged_with_its_reason(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(delivery, "DELIVERY_SECONDS", 1.0)
    promise({"number": 0})

    assert relay_outbox() == 0

    (record,) = [each for each in caplog.records if each.name == "event_service.outbox"]
    assert (record.levelname, record.__dict__["reason"]) == ("WARNING", "no acknowledgement within 1 s")
    assert state(0) == "waiting"


def test_two_relays_at_once_send_each_message_once(event_topic: str, settings: Any) -> None:
    settings.OUTBOX_BATCH_SIZE = 5
    promise_in_turns(["a", "b"], 50)

    run_two_relays()

    assert OutboxMessage.objects.filter(published_at=None).count() == 0
    assert len(read_topic(event_topic, 50)) == 50


def test_without_the_lock_they_send_some_twice(
    event_topic: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "WHOLE", "hashtextextended(random()::text, 0)")
    settings.OUTBOX_BATCH_SIZE = 5
    promise_in_turns(["a", "b"], 50)

    run_two_relays()

    assert len(read_topic(event_topic, 50)) > 50


def test_a_relay_leaves_at_once_while_another_one_works(event_topic: str) -> None:
    promise({"number": 0})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({shards.WHOLE})")
        assert relay_outbox() == 0
        assert state(0) == "waiting"
        cursor.execute(f"SELECT pg_advisory_unlock({shards.WHOLE})")

    assert relay_outbox() == 1
    assert [header(message, "ce_type") for message in read_topic(event_topic, 1)] == ["test.happened"]
