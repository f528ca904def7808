"""The staff's desk: every list opens, looks right, costs few queries, and writes nothing."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from categories.models import Category
from events.models import Event
from integrations.models import DeadLetter, UserProfile
from tests.admin.desk import address_of
from tests.factories import Caller, make_event

pytestmark = pytest.mark.django_db

OUR_APPS = ("integrations", "categories", "events", "registrations")
OURS = [model for model in admin.site._registry if model._meta.app_label in OUR_APPS]
EVERY = list(admin.site._registry)


def name_of(model: type[Model]) -> str:
    return model._meta.label_lower


@pytest.fixture
def _a_row_of_each(alice: Caller, crowd: Any) -> None:
    """Two of most, so that a query for each row would show."""
    for caller in crowd(2):
        caller.post(f"/events/{make_event(alice).id}/register")
        UserProfile.objects.create(user_id=caller.id, profile_at="2026-01-01T00:00:00Z")
    for offset in range(2):
        DeadLetter.objects.create(
            topic="user.events", topic_id=UUID(int=1), partition=0, offset=offset, value=b"{", error="x"
        )


def snapshot() -> dict[str, list[Any]]:
    """Every row of our tables."""
    return {name_of(model): list(model._default_manager.order_by("pk").values()) for model in OURS}


def test_our_models_are_all_there() -> None:
    assert {
        "categories.category",
        "events.event",
        "registrations.registration",
        "integrations.outboxmessage",
        "integrations.deadletter",
        "integrations.userprofile",
    } - set(map(name_of, OURS)) == set()


def test_the_login_page_opens_and_lets_staff_in(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes its time
    User.objects.create_superuser("root", password="a long enough password")
    page = Client().get("/admin/login/")
    entered = Client()
    response = entered.post("/admin/login/?next=/admin/", {"username": "root", "password": "a long enough password"})

    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert entered.get("/admin/").status_code == 200


def test_the_address_without_a_slash_leads_there() -> None:
    response = Client().get("/admin")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_a_user_of_the_platform_is_no_staff(root: Caller) -> None:
    response = root.get("/admin/events/event/")

    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/events/event/")


def test_staff_without_rights_see_no_rows() -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))

    assert [client.get(address_of(model)).status_code for model in OURS] == [403] * len(OURS)


def test_no_link_of_the_index_leads_nowhere(staff: Client) -> None:
    links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', staff.get("/admin/").content.decode()))

    assert "/admin/events/event/" in links
    assert {link: staff.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_index_names_every_model(staff: Client) -> None:
    page = staff.get("/admin/").content.decode()

    assert [model for model in EVERY if f'href="{address_of(model)}"' not in page] == []


@pytest.mark.usefixtures("_a_row_of_each")
@pytest.mark.parametrize("model", EVERY, ids=name_of)
def test_a_list_opens_searched_and_sorted_too(model: type[Model], staff: Client) -> None:
    every_column = ".".join(str(place + 1) for place, _ in enumerate(admin.site._registry[model].list_display))
    searches = [{"q": "a"}, {"q": "0"}] if admin.site._registry[model].search_fields else []
    queries: list[dict[str, Any]] = [{}, *searches, {"o": every_column}]

    assert [staff.get(address_of(model), query).status_code for query in queries] == [200] * len(queries)


@pytest.mark.usefixtures("_a_row_of_each")
@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_a_row_opens_and_offers_its_actions_but_no_field(model: type[Model], staff: Client) -> None:
    pk = model._default_manager.values_list("pk", flat=True)[0]
    page = staff.get(address_of(model, f"{pk}/change/"))
    content = page.content.decode().split('id="content"')[1]

    assert page.status_code == 200
    assert set(re.findall(r'<input type="(.*?)"', content)) == {"hidden"}
    assert re.findall(r"<(?:textarea|select)", content) == []
    assert re.findall(r'<button.*? value="(.*?)"', content) == list(admin.site._registry[model].actions)


@pytest.mark.usefixtures("_a_row_of_each")
@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_nothing_can_be_added_changed_or_deleted(model: type[Model], staff: Client) -> None:
    pk = model._default_manager.values_list("pk", flat=True)[0]
    before = snapshot()
    deletion = {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}

    refused = [
        staff.get(address_of(model, "add/")),
        staff.post(address_of(model, "add/"), {}),
        staff.post(address_of(model, f"{pk}/change/"), {"title": "x", "name": "x", "status": "x"}),
        staff.get(address_of(model, f"{pk}/delete/")),
        staff.post(address_of(model, f"{pk}/delete/"), {"post": "yes"}),
    ]
    staff.post(address_of(model), deletion)

    assert [response.status_code for response in refused] == [403] * 5
    assert snapshot() == before


def test_a_list_costs_the_same_however_long_it_is(staff: Client, request: pytest.FixtureRequest) -> None:
    # The session, the user, the count, the rows; what a filter offers; the days of the first and the last event. The
    # newest number and the values since, for each filter over recent values.
    filtered = {"events.event": 7, "integrations.deadletter": 8, "integrations.outboxmessage": 6}
    expected = dict.fromkeys(map(name_of, OURS), 4) | filtered
    for model in OURS:
        staff.get(address_of(model))  # what a process or a session asks only once

    empty = {name_of(model): count_queries(staff, model) for model in OURS}
    request.getfixturevalue("_a_row_of_each")
    filled = {name_of(model): count_queries(staff, model) for model in OURS}

    assert filled == empty == expected


def count_queries(staff: Client, model: type[Model], rest: str = "") -> int:
    with CaptureQueriesContext(connection) as queries:
        assert staff.get(address_of(model, rest)).status_code == 200
    return len(queries)


def test_a_page_costs_the_same_however_much_hangs_on_its_row(
    staff: Client, request: pytest.FixtureRequest, crowd: Any
) -> None:
    request.getfixturevalue("_a_row_of_each")
    pages = {model: f"{model._default_manager.order_by('pk')[0].pk}/change/" for model in OURS}
    for model, page in pages.items():
        staff.get(address_of(model, page))  # what a process or a session asks only once
    # The session, the user, the row; an event's category and its registrations by state; a registration's event; the
    # beginning of a letter's bytes.
    more = {"events.event": 5, "registrations.registration": 4, "integrations.deadletter": 4}
    expected = dict.fromkeys(map(name_of, OURS), 3) | more

    few = {name_of(model): count_queries(staff, model, page) for model, page in pages.items()}
    for caller in crowd(10):
        caller.post(f"/events/{Event.objects.order_by('pk')[0].pk}/register")
    many = {name_of(model): count_queries(staff, model, page) for model, page in pages.items()}

    assert many == few == expected


def static_files(page: str) -> Iterator[str]:
    """The addresses of the style sheets and scripts that a page asks for."""
    yield from re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_every_style_and_script_of_the_desk_is_served(staff: Client) -> None:
    pages = [staff.get(path).content.decode() for path in ("/admin/login/", "/admin/", address_of(Category))]
    files = sorted({file for page in pages for file in static_files(page)})
    answers = {file: Client().get(file) for file in files}

    assert "/static/admin/css/base.css" in files
    assert {file: response.status_code for file, response in answers.items()} == dict.fromkeys(files, 200)
    assert answers["/static/admin/css/base.css"]["Content-Type"] == 'text/css; charset="utf-8"'
    for response in answers.values():
        response.close()


def test_nothing_on_the_desk_comes_from_elsewhere(staff: Client) -> None:
    page = staff.get(address_of(Category)).content.decode()

    assert re.findall(r'(?:href|src)="(?:https?:)?//[^"]+"', page) == []
