"""The change feed: everything that was published, in order, resumable, and no cursor that hides a loss."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from integrations.models import OutboxMessage
from integrations.outbox import changes
from integrations.outbox.changes import Place, write_cursor
from integrations.outbox.delivery import Delivery, Row
from integrations.outbox.relay import settle
from integrations.tasks import purge_outbox
from tests.factories import Caller

pytestmark = pytest.mark.django_db

KEY = UUID(int=7)


def promise(count: int) -> list[OutboxMessage]:
    rows = [
        OutboxMessage(topic="t", key=str(KEY), message_type="event.updated", payload={"number": number})
        for number in range(count)
    ]
    return OutboxMessage.objects.bulk_create(rows)


def publish(*messages: OutboxMessage) -> None:
    """What the relay does when Kafka has acknowledged them."""
    rows = [
        Row(message.id, message.topic, message.key, message.message_type, "{}", "{}", "2026-01-02T03:04:05Z")
        for message in messages
    ]
    with connection.cursor() as cursor:
        settle(cursor, Delivery(rows, acknowledged={row.id for row in rows}))


def age(days: float) -> None:
    OutboxMessage.objects.update(published_at=now() - timedelta(days=days))


def read(caller: Caller, **query: Any) -> dict[str, Any]:
    response = caller.get("/events/changes", query)
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def numbers(page: dict[str, Any]) -> list[int]:
    return [change["data"]["number"] for change in page["changes"]]


def test_a_change_is_the_message_as_kafka_has_it(neighbour: Caller) -> None:
    (message,) = promise(1)
    OutboxMessage.objects.update(headers={"traceparent": "00-1"})
    publish(message)

    page = read(neighbour)

    assert page["has_more"] is False
    assert page["changes"] == [
        {
            "specversion": "1.0",
            "id": str(message.id),
            "type": "event.updated",
            "source": "/event-service",
            "time": message.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "subject": str(KEY),
            "datacontenttype": "application/json",
            "data": {"number": 0},
            "traceparent": "00-1",
        }
    ]


def test_the_feed_goes_on_behind_the_cursor_to_its_end_and_from_there(root: Caller) -> None:
    publish(*promise(5))

    first = read(root, limit=2)
    second = read(root, limit=2, cursor=first["next_cursor"])
    third = read(root, limit=2, cursor=second["next_cursor"])
    assert [numbers(page) for page in (first, second, third)] == [[0, 1], [2, 3], [4]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]

    end = read(root, cursor=third["next_cursor"])
    assert (end["changes"], end["has_more"]) == ([], False)
    publish(*promise(1))
    assert numbers(read(root, cursor=end["next_cursor"])) == [0]


def test_the_order_is_that_of_publishing_and_not_of_promising(root: Caller) -> None:
    early, late = promise(2)
    publish(late)
    cursor = read(root)["next_cursor"]
    publish(early)

    assert numbers(read(root, cursor=cursor)) == [0]
    assert numbers(read(root)) == [1, 0]


def test_what_waits_or_was_parked_or_went_elsewhere_is_not_told(root: Caller) -> None:
    waiting, parked, elsewhere, published = promise(4)
    OutboxMessage.objects.filter(pk=parked.pk).update(parked_at=now())
    OutboxMessage.objects.filter(pk=elsewhere.pk).update(destination="matching", published_at=now())
    publish(published)

    assert numbers(read(root)) == [3]
    assert OutboxMessage.objects.filter(pk=waiting.pk, position=None).exists()


def test_a_message_that_is_sent_again_comes_again_under_its_id(root: Caller) -> None:
    message, other = promise(2)
    publish(message, other)
    OutboxMessage.objects.filter(pk=message.pk).update(published_at=None)
    publish(message)

    assert [change["id"] for change in read(root)["changes"]] == [str(other.pk), str(message.pk)]


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (6.97, 410)])
def test_a_cursor_ends_an_hour_before_what_lies_behind_it_is_purged(root: Caller, days: float, status: int) -> None:
    publish(*promise(3))
    age(days)
    cursor = write_cursor(Place(OutboxMessage.objects.earliest("position").position or 0, now() - timedelta(days=days)))

    response = root.get("/events/changes", {"cursor": cursor})

    assert response.status_code == status
    if status == 200:
        assert numbers(response.json()) == [1, 2]
    else:
        assert response.json()["error"]["details"] == {"reason": ["cursor_expired"]}


def test_a_reader_without_news_for_weeks_loses_nothing(root: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(*promise(1))
    moment = now()
    cursor = read(root)["next_cursor"]
    for day in range(5, 25, 5):
        monkeypatch.setattr(changes, "now", lambda day=day: moment + timedelta(days=day))
        cursor = read(root, cursor=cursor)["next_cursor"]

    publish(*promise(1))
    assert numbers(read(root, cursor=cursor)) == [0]


def test_who_begins_gets_six_days_and_time_to_read_them(root: Caller) -> None:
    messages = promise(3)
    publish(*messages)
    for message, days in zip(messages, (6.1, 5.9, 1), strict=True):
        OutboxMessage.objects.filter(pk=message.pk).update(published_at=now() - timedelta(days=days))

    first = read(root, limit=1)
    assert numbers(first) == [1]
    assert numbers(read(root, cursor=first["next_cursor"])) == [2]


def test_nothing_that_a_good_cursor_promises_is_purged(root: Caller) -> None:
    publish(*promise(2))
    cursor = write_cursor(Place(OutboxMessage.objects.earliest("position").position or 0, now() - timedelta(days=6.9)))
    age(6.9)

    purge_outbox()
    assert numbers(read(root, cursor=cursor)) == [1]

    age(7.1)
    purge_outbox()
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "a:b:c", "\0", "é" * 200])
def test_a_cursor_that_is_not_ours_is_refused(root: Caller, cursor: str) -> None:
    response = root.get("/events/changes", {"cursor": cursor})

    assert (response.status_code, list(response.json()["error"]["details"])) == (422, ["cursor"])


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1e3"])
def test_a_limit_that_is_no_number_is_refused(root: Caller, limit: str) -> None:
    assert root.get("/events/changes", {"limit": limit}).status_code == 422


def test_a_limit_above_the_largest_is_the_largest(root: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.api.changes.LARGEST_SIZE", 2)
    publish(*promise(3))

    assert numbers(read(root, limit=500)) == [0, 1]


def test_a_page_is_one_query_by_the_index_of_positions(root: Caller) -> None:
    publish(*promise(2000))
    cursor = read(root, limit=1)["next_cursor"]

    with CaptureQueriesContext(connection) as queries:
        read(root, cursor=cursor)

    (query,) = [query["sql"] for query in queries if "outbox_messages" in query["sql"]]
    with connection.cursor() as explain:
        explain.execute("ANALYZE outbox_messages")
        explain.execute(f"EXPLAIN {query}")
        plan = "\n".join(line for (line,) in explain.fetchall())
    assert "Index Scan using outbox_messages_position_unique" in plan
    assert "Sort" not in plan


@pytest.mark.django_db(transaction=True)
def test_a_reader_beside_the_relay_misses_nothing(root: Caller) -> None:
    """Messages are promised in transactions that end out of order, and published while somebody reads."""
    is_over = threading.Event()
    total = 200

    def write() -> None:
        try:
            for _ in range(total // 4):
                batch = promise(4)
                publish(batch[2], batch[0])
                publish(batch[3], batch[1])
        finally:
            is_over.set()
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[str] = []
    cursor, is_last = None, False
    while not is_last:
        is_last = is_over.is_set()
        page = read(root, limit=7, **({"cursor": cursor} if cursor else {}))
        seen += [change["id"] for change in page["changes"]]
        cursor, is_last = page["next_cursor"], is_last and not page["has_more"]
    writer.join()

    in_order = OutboxMessage.objects.order_by("position").values_list("id", flat=True)
    assert seen == [str(number) for number in in_order]
    assert len(seen) == total
