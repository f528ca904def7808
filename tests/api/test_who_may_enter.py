"""The addresses that answer without a token, and that nothing else does."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from categories.models import Category
from meetinity_events.api.removed_users import remember_removed
from tests.factories import Caller, event_fields, make_event, snapshot

pytestmark = pytest.mark.django_db

SOME_ID = str(UUID(int=7))
ANONYMOUS = {
    "/health",
    "/events/health",
    "/api/events/health",
    "/events/events/health",
    "/healthz",
    "/ready",
    "/metrics",
    "/schema",
    "/docs",
}
FEEDS = {f"{prefix}/events/calendar/{SOME_ID}.ics" for prefix in ("", "/api", "/events")}
IMAGES = {f"{prefix}/events/images/{SOME_ID}" for prefix in ("", "/api", "/events")}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def walk(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    """Every address of the URL table, with an id where one belongs."""
    for pattern in patterns:
        route = prefix + re.sub(r"<[^>]+>", SOME_ID, str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


ADDRESSES = sorted(walk(get_resolver().url_patterns))
IN_THE_ADMIN = [address for address in ADDRESSES if address.startswith("/admin")]
CLOSED = [address for address in ADDRESSES if address not in ANONYMOUS | FEEDS | IMAGES | set(IN_THE_ADMIN)]


def test_the_table_holds_every_anonymous_address() -> None:
    assert (ANONYMOUS | FEEDS | IMAGES) - set(ADDRESSES) == set()
    assert {"/events", "/api/events", "/events/events", f"/events/{SOME_ID}/register"} - set(CLOSED) == set()


@pytest.mark.parametrize("address", sorted(ANONYMOUS))
def test_the_anonymous_addresses_answer(address: str, anonymous: Caller) -> None:
    assert anonymous.get(address).status_code == 200


def test_a_feed_asks_for_its_own_signature(anonymous: Caller) -> None:
    assert {anonymous.get(address).status_code for address in FEEDS} == {404}


def test_an_image_is_there_for_everybody_who_knows_its_name(anonymous: Caller) -> None:
    assert {anonymous.get(address).status_code for address in IMAGES} == {404}


def test_every_other_address_asks_for_a_token(anonymous: Caller) -> None:
    answers = {address: anonymous.get(address).status_code for address in CLOSED}

    assert answers == dict.fromkeys(CLOSED, 401)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_asks_for_a_token(method: str, anonymous: Caller) -> None:
    addresses = [address for address in CLOSED if not address.startswith(("/api/", "/events/events"))]
    responses = {address: anonymous.call(method, address, event_fields()) for address in addresses}

    assert {address: response.status_code for address, response in responses.items()} == dict.fromkeys(addresses, 401)


@pytest.mark.parametrize("address", ["/events", f"/events/{SOME_ID}", f"/events/{SOME_ID}/register"])
def test_options_asks_for_no_token(address: str, anonymous: Caller) -> None:
    assert anonymous.call("OPTIONS", address).status_code == 200


def test_the_admin_shows_a_stranger_its_login_only(anonymous: Caller) -> None:
    answers = {address: anonymous.get(address) for address in IN_THE_ADMIN if SOME_ID not in address}

    assert answers.pop("/admin/login/").status_code == 200
    assert {response.status_code for response in answers.values()} == {302}
    assert [answers.pop(address)["Location"] for address in ("/admin", "/admin/logout/")] == ["/admin/"] * 2
    assert {response["Location"].split("?")[0] for response in answers.values()} == {"/admin/login/"}


def test_a_refusal_is_403_and_never_401(alice: Caller, carol: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)

    refusals = [
        carol.patch(f"/events/{event.id}", {"title": "Mine"}),
        carol.post(f"/events/{event.id}/cancel"),
        carol.get(f"/events/{event.id}/registrations"),
        carol.get(f"/events/users/{alice.id}/events"),
    ]

    assert [response.status_code for response in refusals] == [403] * 4
    assert [response.json()["error"]["code"] for response in refusals] == [403] * 4
    assert snapshot(event) == before


def test_a_removed_user_is_refused_with_a_good_token(alice: Caller, bob: Caller, root: Caller) -> None:
    event = make_event(alice)
    before = snapshot(event)
    remember_removed([bob.id])

    refusals = [
        bob.get("/events"),
        bob.get(f"/events/{event.id}"),
        bob.get("/events/categories"),
        bob.get(f"/events/users/{bob.id}/events"),
        bob.post(f"/events/{event.id}/register"),
        bob.post("/events", event_fields()),
    ]

    assert [response.status_code for response in refusals] == [403] * 6
    assert refusals[0].json() == {"error": {"code": 403, "message": "This account has been removed.", "details": {}}}
    assert snapshot(event) == before
    assert [caller.get("/events").status_code for caller in (alice, root)] == [200, 200]


def test_a_removed_user_is_refused_before_the_request_counts(bob: Caller, settings: Any) -> None:
    remember_removed([bob.id])

    assert "RateLimit-Limit" not in bob.get("/events")


def test_without_redis_a_reader_is_not_refused(bob: Caller, redis_is_away: None) -> None:
    response = bob.get("/events/categories")

    assert (response.status_code, len(response.json())) == (200, Category.objects.count())
