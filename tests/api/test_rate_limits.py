"""The hourly limits: how many, for whom, what the headers say, and when they begin anew."""

from types import SimpleNamespace
from typing import Any

import pytest
from django_redis import get_redis_connection
from rest_framework.response import Response

from events.models import Event
from meetinity_events.api import throttling
from registrations.models import Registration
from tests.factories import Caller, event_fields, make_event

pytestmark = pytest.mark.django_db

A_FULL_HOUR = 1_800_000_000
HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")


class Clock(SimpleNamespace):
    """Stands where the throttle looks at the time."""

    now: float = A_FULL_HOUR

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A full hour has just begun, and lasts until the test moves on."""
    clock = Clock()
    monkeypatch.setattr(throttling, "time", clock)
    return clock


@pytest.fixture
def _limits_of_three(settings: Any) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 3)


def headers_of(response: Response) -> list[str | None]:
    return [response.get(name) for name in HEADERS]


def test_ten_events_an_hour_can_be_created_and_no_eleventh(alice: Caller, clock: Clock) -> None:
    clock.now += 1234.5

    responses = [alice.post("/events", event_fields()) for _ in range(11)]

    assert [response.status_code for response in responses] == [201] * 10 + [429]
    assert [headers_of(response) for response in responses] == [
        *(["10", str(left), "2366", None] for left in range(9, -1, -1)),
        ["10", "0", "2366", "2366"],
    ]
    assert responses[10].json() == {
        "error": {"code": 429, "message": "Too many requests; try again later.", "details": {}}
    }
    assert Event.objects.count() == 10


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("GET", "/events", "100"),
        ("HEAD", "/events", "100"),
        ("GET", "/events/{id}", "100"),
        ("POST", "/events", "10"),
        ("POST", "/events/{id}/register", "50"),
    ],
)
def test_a_limited_call_carries_the_limit_of_the_platforms_document(
    method: str, path: str, limit: str, alice: Caller, clock: Clock
) -> None:
    event = make_event(alice)

    response = alice.call(method, path.format(id=event.id), {} if method == "POST" else None)

    assert headers_of(response) == [limit, str(int(limit) - 1), "3600", None]


@pytest.mark.usefixtures("_limits_of_three")
def test_a_refused_call_reaches_no_view(alice: Caller, crowd: Any, clock: Clock) -> None:
    [bob] = crowd(1)
    events = [make_event(alice) for _ in range(4)]

    responses = [bob.post(f"/events/{event.id}/register") for event in events]

    assert [response.status_code for response in responses] == [201, 201, 201, 429]
    assert Registration.objects.count() == 3


@pytest.mark.usefixtures("_limits_of_three")
def test_refusals_of_the_view_count_and_carry_the_headers(alice: Caller, clock: Clock) -> None:
    responses = [alice.post("/events", {"title": ""}) for _ in range(2)]
    responses.append(alice.post("/events", b"{"))
    responses.append(alice.post("/events", event_fields()))

    assert [response.status_code for response in responses] == [422, 422, 400, 429]
    assert [response["RateLimit-Remaining"] for response in responses] == ["2", "1", "0", "0"]


@pytest.mark.usefixtures("_limits_of_three")
def test_each_user_and_each_kind_of_call_has_a_limit_of_its_own(alice: Caller, bob: Caller, clock: Clock) -> None:
    for _ in range(4):
        alice.get("/events")

    assert alice.get("/events").status_code == 429
    assert headers_of(bob.get("/events")) == ["3", "2", "3600", None]
    assert headers_of(alice.post("/events", event_fields())) == ["3", "2", "3600", None]


@pytest.mark.usefixtures("_limits_of_three")
def test_an_admin_is_limited_too(root: Caller, clock: Clock) -> None:
    assert [root.get("/events").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.usefixtures("_limits_of_three")
def test_an_alias_spends_the_same_limit(alice: Caller, clock: Clock) -> None:
    paths = ("/events", "/api/events", "/events/events/", "/events")

    assert [alice.get(path).status_code for path in paths] == [200, 200, 200, 429]


@pytest.mark.usefixtures("_limits_of_three")
def test_the_next_hour_begins_anew(alice: Caller, clock: Clock) -> None:
    for _ in range(4):
        alice.get("/events")

    clock.now += 3599
    assert headers_of(alice.get("/events")) == ["3", "0", "1", "1"]
    clock.now += 1
    assert headers_of(alice.get("/events")) == ["3", "2", "3600", None]


def test_a_counter_goes_away_with_its_hour(alice: Caller, clock: Clock) -> None:
    alice.get("/events")
    alice.get("/events")

    redis = get_redis_connection("default")
    key = f"limit:browse:{alice.id}:{A_FULL_HOUR // 3600}"
    assert redis.get(key) == b"2"
    assert 0 < redis.ttl(key) <= 3600


def test_calls_without_a_limit_carry_no_header(alice: Caller, anonymous: Caller) -> None:
    responses = [
        alice.get("/events/categories"),
        alice.get(f"/events/users/{alice.id}/events"),
        alice.call("OPTIONS", "/events"),
        anonymous.get("/events"),
        anonymous.get("/health"),
    ]

    assert [response.status_code for response in responses] == [200, 200, 200, 401, 200]
    assert [headers_of(response) for response in responses] == [[None] * 4] * 5
