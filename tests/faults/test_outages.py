"""Writes while a neighbour is away or silent: answered at once, and their messages arrive when it is back."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from pytest_httpserver import HTTPServer

from events.models import Event
from integrations.kafka.producer import discard_producer
from integrations.models import OutboxMessage
from integrations.outbox.record import forget_nudge
from integrations.outbox.relay import relay_outbox
from meetinity_events.embedded.data_folder import temporary_data_folder
from meetinity_events.embedded.kafka import start_kafka
from tests.broker.wire import new_topic, paused, read_topic
from tests.factories import Caller, event_fields, make_event
from tests.live import LiveService, live_service
from tests.proxy import Proxy, State, proxy_to

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Outside:
    """The service with a proxy before each neighbour."""

    service: LiveService
    proxies: dict[str, Proxy]


@pytest.fixture(scope="module")
def neighbourhood(django_db_setup: None, make_httpserver: HTTPServer) -> Iterator[Outside]:
    """One service for the tests of this file; user-service is one that knows everybody."""
    make_httpserver.expect_request(re.compile(".*")).respond_with_json({"exists": True, "is_active": True, "name": "A"})
    neighbours = {
        "REDIS_URL": os.environ["REDIS_URL"],
        "CELERY_BROKER_URL": os.environ["CELERY_BROKER_URL"],
        "USER_SERVICE_URL": make_httpserver.url_for(""),
    }
    with ExitStack() as stack:
        proxies, variables = {}, {}
        for name, url in neighbours.items():
            at = urlsplit(url)
            proxies[name] = stack.enter_context(proxy_to(at.hostname or "", at.port or 0))
            variables[name] = f"{at.scheme}://{proxies[name].address}{at.path}"
        yield Outside(stack.enter_context(live_service(**variables)), proxies)


@pytest.fixture
def outside(neighbourhood: Outside) -> Iterator[Outside]:
    """Every neighbour passing, before and after."""
    yield neighbourhood
    for proxy in neighbourhood.proxies.values():
        proxy.state = State.PASSING


def write_everything(service: LiveService, organiser: Caller, guest: Caller) -> list[int]:
    """Create, register, leave, cancel; the statuses."""
    created = service.call(organiser, "POST", "/events", event_fields())
    event_id = orjson.loads(created.data)["id"]
    statuses = [created.status]
    for caller, method, path, body in (
        (guest, "POST", "register", None),
        (guest, "DELETE", "register", None),
        (organiser, "POST", "cancel", {"reason": "rain"}),
    ):
        forget_nudge()  # so that each write asks the broker anew
        statuses.append(service.call(caller, method, f"/events/{event_id}/{path}", body).status)
    return statuses


def test_writes_are_answered_whatever_neighbour_is_away_or_silent(outside: Outside, alice: Caller, bob: Caller) -> None:
    topic = new_topic("events")
    writes = 0
    for proxy in outside.proxies.values():
        for state in (State.CUT, State.SILENT):
            proxy.state = state
            assert write_everything(outside.service, alice, bob) == [201, 201, 200, 200]
            proxy.state = State.PASSING
            writes += 1
    OutboxMessage.objects.update(topic=topic)

    assert relay_outbox() == 4 * writes
    assert len(read_topic(topic, 4 * writes)) == 4 * writes


def test_all_neighbours_silent_at_once_still_answer_every_call(outside: Outside, alice: Caller, bob: Caller) -> None:
    for proxy in outside.proxies.values():
        proxy.state = State.SILENT

    assert write_everything(outside.service, alice, bob) == [201, 201, 200, 200]
    assert outside.service.call(bob, "GET", "/events").status == 200
    health = outside.service.call(bob, "GET", "/health")
    assert (health.status, orjson.loads(health.data)["dependencies"]["user_service"]) == (200, "down")


def test_kafka_paused_while_writing_costs_the_writer_nothing(alice: Caller, bob: Caller, settings: Any) -> None:
    event = make_event(alice)
    OutboxMessage.objects.all().delete()
    with temporary_data_folder() as folder:
        broker, settings.KAFKA_BOOTSTRAP_SERVERS = start_kafka(folder)
        discard_producer()
        try:
            settings.KAFKA_EVENT_TOPIC = topic = new_topic("events")
            with live_service(
                KAFKA_BOOTSTRAP_SERVERS=settings.KAFKA_BOOTSTRAP_SERVERS, KAFKA_EVENT_TOPIC=topic
            ) as service:
                with paused(broker):
                    assert service.call(bob, "POST", f"/events/{event.id}/register").status == 201
                    assert service.call(bob, "DELETE", f"/events/{event.id}/register").status == 200
                    assert service.call(alice, "PATCH", f"/events/{event.id}", {"title": "New"}).status == 200
                assert relay_outbox() == 3
                types = [orjson.loads(message.value())["event_type"] for message in read_topic(topic, 3)]
        finally:
            discard_producer()
            broker.stop()

    assert types == ["event.registration.created", "event.registration.cancelled", "event.updated"]
    assert Event.objects.get().title == "New"
