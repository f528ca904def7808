"""Who may do what: every route, every kind of caller, every kind of event. A route without a row fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.urls import URLPattern

from categories.models import Category
from events.models import Event
from meetinity_events.urls import EVENTS, urlpatterns
from tests.events.pictures import MULTIPART, as_upload, picture
from tests.factories import JSON, Caller, event_fields, in_days, make_event

pytestmark = pytest.mark.django_db

CALLERS = ("anonymous", "stranger", "owner", "admin")


@dataclass(frozen=True)
class Row:
    """A call; the statuses stand in the order of CALLERS, for a public event and for a draft of the owner's."""

    method: str
    route: str
    public: tuple[int, int, int, int]
    draft: tuple[int, int, int, int] | None = None
    body: Callable[[], Any] = dict
    started: bool = False
    joined: bool = False
    own_transaction: bool = False
    content_type: str = JSON


def category_body() -> dict[str, str]:
    return {"name": "New"}


def title_body() -> dict[str, str]:
    return {"title": "New"}


def data_body() -> dict[str, Any]:
    return {"registration_data": {"diet": "vegan"}}


def guest_body() -> dict[str, int]:
    return {"user_id": GUEST}


def image_body() -> bytes:
    return as_upload(picture())


GUEST = 102
EVENT, CATEGORY = "events/<uuid:event_id>", "events/categories/<uuid:category_id>"
REGISTRATION = f"{EVENT}/registrations/<uuid:registration_id>"

TABLE = (
    Row("GET", "events", (401, 200, 200, 200)),
    Row("POST", "events", (401, 201, 201, 201), body=event_fields),
    Row("GET", EVENT, (401, 200, 200, 200), (401, 404, 200, 200)),
    Row("PATCH", EVENT, (401, 403, 200, 200), (401, 404, 200, 200), title_body),
    Row("PUT", EVENT, (401, 403, 200, 200), (401, 404, 200, 200), title_body),
    Row("DELETE", EVENT, (401, 403, 204, 204), (401, 404, 204, 204)),
    Row("POST", f"{EVENT}/publish", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("POST", f"{EVENT}/complete", (401, 403, 200, 200), (401, 404, 409, 409), started=True),
    Row("POST", f"{EVENT}/cancel", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("POST", f"{EVENT}/register", (401, 201, 201, 201), (401, 404, 409, 409)),
    Row("DELETE", f"{EVENT}/register", (401, 404, 404, 404), (401, 404, 404, 404)),
    Row("DELETE", f"{EVENT}/register", (401, 200, 200, 200), joined=True),
    Row("POST", f"{EVENT}/unregister", (401, 200, 200, 200), joined=True),
    Row("POST", f"{EVENT}/image", (401, 403, 200, 200), (401, 404, 200, 200), image_body, content_type=MULTIPART),
    Row("DELETE", f"{EVENT}/image", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("GET", f"{EVENT}/waitlist", (401, 200, 200, 200), (401, 404, 200, 200)),
    Row("GET", f"{EVENT}/attendees", (401, 200, 200, 200), (401, 404, 200, 200)),
    Row("GET", f"{EVENT}/registrations", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("GET", REGISTRATION, (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("PATCH", REGISTRATION, (401, 403, 200, 200), (401, 404, 409, 409), data_body),
    Row("DELETE", f"{REGISTRATION}/check-in", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("GET", f"{EVENT}/ticket", (401, 404, 404, 404), (401, 404, 404, 404)),
    Row("GET", f"{EVENT}/ticket", (401, 200, 200, 200), joined=True),
    Row("GET", f"{EVENT}/ticket.svg", (401, 404, 404, 404), (401, 404, 404, 404)),
    Row("GET", f"{EVENT}/ticket.png", (401, 404, 404, 404), (401, 404, 404, 404)),
    Row("POST", f"{EVENT}/check-in", (401, 403, 409, 409), (401, 404, 409, 409), guest_body),
    Row("POST", f"{EVENT}/check-in", (401, 403, 201, 201), (401, 404, 409, 409), guest_body, started=True),
    Row("GET", f"{EVENT}/attendance", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("POST", f"{EVENT}/attendance", (401, 403, 409, 409), (401, 404, 409, 409)),
    Row("POST", f"{EVENT}/attendance", (401, 403, 200, 200), (401, 404, 409, 409), started=True),
    Row(
        "GET",
        f"{EVENT}/registrations/export",
        (401, 403, 200, 200),
        (401, 404, 200, 200),
        own_transaction=True,
    ),
    Row("GET", f"{EVENT}/calendar.ics", (401, 200, 200, 200), (401, 404, 200, 200)),
    Row("GET", f"{EVENT}/statistics", (401, 403, 200, 200), (401, 404, 200, 200)),
    Row("GET", "events/popular", (401, 200, 200, 200)),
    Row("GET", "events/recommended", (401, 200, 200, 200)),
    Row("GET", "events/stats", (401, 403, 403, 200)),
    Row("GET", "events/stats/registrations", (401, 403, 403, 200)),
    Row("GET", "events/users/<uuid:user_id>/events", (401, 403, 200, 200)),
    Row("GET", "events/users/<uuid:user_id>/history", (401, 403, 200, 200)),
    Row("POST", "events/users/<uuid:user_id>/calendar-feed", (401, 403, 201, 403)),
    Row("DELETE", "events/users/<uuid:user_id>/calendar-feed", (401, 403, 204, 204)),
    Row("GET", "events/changes", (401, 403, 403, 200)),
    Row("GET", "events/search", (401, 422, 422, 422)),
    Row("GET", "events/tags", (401, 200, 200, 200)),
    Row("GET", "events/categories", (401, 200, 200, 200)),
    Row("POST", "events/categories", (401, 403, 403, 201), body=category_body),
    Row("GET", CATEGORY, (401, 200, 200, 200)),
    Row("PATCH", CATEGORY, (401, 403, 403, 200), body=category_body),
    Row("PUT", CATEGORY, (401, 403, 403, 200), body=category_body),
    Row("DELETE", CATEGORY, (401, 403, 403, 204)),
)

# The address of a feed is its permission: without a good signature it is 404.
FEED = "events/calendar/<str:token>.ics"
# An image's name has 74 random bits: who knows it was told.
IMAGE = "events/images/<str:name>"
ANONYMOUS = {FEED, IMAGE, "events/health", "health", "healthz", "ready", "metrics", "schema", "docs", "admin", "admin/"}


def name(row: Row) -> str:
    return f"{row.method} {row.route}{' joined' if row.joined else ''}"


@pytest.fixture
def cast(anonymous: Caller, carol: Caller, alice: Caller, root: Caller) -> dict[str, Caller]:
    return dict(zip(CALLERS, (anonymous, carol, alice, root), strict=True))


def answer(row: Row, caller: Caller, owner: Caller, *, is_draft: bool) -> int:
    """The status that this caller gets on an event of the owner's."""
    cache.clear()
    event = make_event(owner, status="draft" if is_draft else "active")
    if row.joined and caller.principal is not None:
        assert caller.post(f"/events/{event.id}/register").status_code == 201
    if row.started:
        Event.objects.filter(pk=event.pk).update(start_date=in_days(-1))
    path = f"/{row.route}".replace("<uuid:event_id>", str(event.id)).replace("<uuid:user_id>", str(owner.id))
    path = path.replace("<uuid:category_id>", str(Category.objects.get(name="Career").id))
    if "registration" in row.route or row.body is guest_body:
        guest = event.registrations.create(user_id=UUID(int=GUEST))
        path = path.replace("<uuid:registration_id>", str(guest.id))
    body = row.body() if row.method in ("POST", "PUT", "PATCH") else None
    response = caller.call(row.method, path, body, CONTENT_TYPE=row.content_type)
    if response.streaming:
        list(response.streaming_content)  # a file is open until it is sent
    return response.status_code


def with_its_mark(row: Row) -> Any:
    """A call that begins a transaction of its own cannot be inside of the test's."""
    marks = [pytest.mark.django_db(transaction=True)] if row.own_transaction else []
    return pytest.param(row, marks=marks, id=name(row))


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", [with_its_mark(row) for row in TABLE])
def test_each_caller_gets_the_answer_of_the_table(row: Row, caller: str, cast: dict[str, Caller]) -> None:
    column = CALLERS.index(caller)

    assert answer(row, cast[caller], cast["owner"], is_draft=False) == row.public[column]
    if row.draft is not None:
        assert answer(row, cast[caller], cast["owner"], is_draft=True) == row.draft[column]


def routes() -> set[tuple[str, str]]:
    """Method and route of everything that the service answers below /events."""
    found = set()
    for pattern in EVENTS:
        assert isinstance(pattern, URLPattern)
        methods = getattr(pattern.callback, "actions", None) or {"get": ""}
        found |= {(method.upper(), str(pattern.pattern)) for method in methods if method != "head"}
    return found


def test_a_feed_answers_without_a_token_but_not_without_its_signature(anonymous: Caller) -> None:
    assert anonymous.get("/events/calendar/forged.ics").status_code == 404


def test_an_image_answers_without_a_token_but_not_without_its_name(anonymous: Caller) -> None:
    assert anonymous.get("/events/images/forged.png").status_code == 404


def test_every_route_has_a_row() -> None:
    rows = {(row.method, row.route) for row in TABLE}

    assert routes() - rows == {("GET", route) for route in ANONYMOUS if route.startswith("events/")}
    assert rows - routes() == set()


def test_nothing_else_answers_without_a_token() -> None:
    others = {str(pattern.pattern) for pattern in urlpatterns} - {str(pattern.pattern) for pattern in EVENTS}

    assert others - {"api/", "events/"} == {route for route in ANONYMOUS if not route.startswith("events/")}


def test_every_route_that_takes_an_event_says_what_happens_to_a_draft() -> None:
    covered = {(row.method, row.route) for row in TABLE if row.draft is not None}
    # One cannot have joined a draft, so there is nothing to leave; DELETE says so.
    assert {pair for pair in routes() if "event_id" in pair[1]} - covered == {("POST", f"{EVENT}/unregister")}
