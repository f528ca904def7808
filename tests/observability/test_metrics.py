"""The metrics of the platform's document, by name and label, and what moves them."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import Caller, event_fields, in_days, make_event

pytestmark = pytest.mark.django_db

# Name, type and labels; Prometheus' own suffixes are not part of a name.
OF_THE_DOCUMENT = {
    "events_created": ("counter", ()),
    "registrations": ("counter", ()),
    "api_requests": ("counter", ("endpoint", "method")),
    "request_duration_seconds": ("histogram", ()),
    "event_processing_seconds": ("histogram", ()),
    "active_events": ("gauge", ()),
    "upcoming_events": ("gauge", ()),
    "events_processed": ("counter", ("service",)),
}
SUFFIXES = ("_created", "_bucket", "_count", "_sum")

Act = Callable[[], Any]


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def change_of(act: Act, name: str, **labels: str) -> float:
    """By how much `act` moves a sample."""
    before = read(name, **labels)
    act()
    return read(name, **labels) - before


def test_a_scrape_shows_the_metrics_of_the_document(anonymous: Caller) -> None:
    anonymous.get("/health")
    text = anonymous.get("/metrics").content.decode()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    shown = {
        name: (
            families[name].type,
            tuple(sorted({label for sample in families[name].samples for label in sample.labels} - {"le"})),
        )
        for name in OF_THE_DOCUMENT
    }
    assert shown == OF_THE_DOCUMENT
    assert "events_created_total " in text
    assert "registrations_total " in text


def test_a_scrape_is_in_the_format_of_prometheus(anonymous: Caller) -> None:
    content_type = anonymous.get("/metrics")["Content-Type"]

    assert content_type.startswith("text/plain; version=")


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/healthz", "/healthz"),
        ("GET", "/events", "/events"),
        ("GET", "/events/", "/events"),
        ("POST", "/events", "/events"),
        ("GET", "/events/01890000-0000-7000-8000-000000000000", "/events/<uuid:event_id>"),
        ("GET", "/events/nothing", "unrouted"),
        ("GET", "/nothing/01890000-0000-7000-8000-000000000000", "unrouted"),
    ],
)
def test_a_request_is_counted_under_its_route(method: str, path: str, endpoint: str, alice: Caller) -> None:
    counted = change_of(lambda: alice.call(method, path), "api_requests_total", method=method, endpoint=endpoint)

    assert counted == 1


def test_an_invented_method_makes_no_label_of_its_own(alice: Caller) -> None:
    labels = {"method": "OTHER", "endpoint": "/events"}

    assert change_of(lambda: alice.call("INVENTED", "/events"), "api_requests_total", **labels) == 1
    assert read("api_requests_total", method="INVENTED", endpoint="/events") == 0


def test_a_request_is_timed_and_counted_as_processed(anonymous: Caller) -> None:
    def call() -> None:
        anonymous.get("/healthz")

    assert change_of(call, "request_duration_seconds_count") == 1
    assert change_of(call, "request_duration_seconds_sum") > 0
    assert change_of(call, "events_processed_total", service="event-service") == 1


@pytest.mark.parametrize(("path", "status"), [("/healthz", "200"), ("/nothing", "404"), ("/events", "401")])
def test_an_answer_is_counted_under_its_status(path: str, status: str, anonymous: Caller) -> None:
    assert change_of(lambda: anonymous.get(path), "api_responses_total", status=status) == 1


def test_a_refused_request_is_counted_too(anonymous: Caller) -> None:
    body = b" " * (1024 * 1024 + 1)

    counted = change_of(
        lambda: anonymous.post("/events", body), "api_requests_total", method="POST", endpoint="unrouted"
    )

    assert counted == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_counts_and_what_was_refused_does_not(alice: Caller, bob: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    path = f"/events/{event.id}/register"

    assert change_of(lambda: alice.post("/events", event_fields()), "events_created_total") == 1
    assert change_of(lambda: alice.post("/events", event_fields(title="")), "events_created_total") == 0
    assert change_of(lambda: bob.post(path), "registrations_total") == 1
    assert change_of(lambda: bob.post(path), "registrations_total") == 0
    assert change_of(lambda: alice.post(path), "registrations_total") == 0


def test_the_gauges_follow_the_health_figures(alice: Caller, anonymous: Caller) -> None:
    make_event(alice)
    make_event(alice, start_date=in_days(-1))
    make_event(alice, status="draft")

    anonymous.get("/health")

    assert (read("active_events"), read("upcoming_events")) == (2, 1)
