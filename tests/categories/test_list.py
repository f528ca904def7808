"""The list of categories."""

from typing import Any

import pytest

from categories.models import Category
from tests.factories import Caller

pytestmark = pytest.mark.django_db


def test_the_six_categories_of_the_platform_are_there(bob: Caller, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        response = bob.get("/events/categories")

    assert response.status_code == 200
    assert [(category["name"], category["icon"], category["color"]) for category in response.json()] == [
        ("Career", "career", "#6366F1"),
        ("Conference", "conference", "#8B5CF6"),
        ("Meetup", "meetup", "#F59E0B"),
        ("Networking", "network", "#3B82F6"),
        ("Webinar", "webinar", "#EF4444"),
        ("Workshop", "workshop", "#10B981"),
    ]


def test_an_inactive_category_is_not_offered(bob: Caller) -> None:
    Category.objects.filter(name="Career").update(is_active=False)

    assert len(bob.get("/events/categories").json()) == 5


def test_anonymous_callers_are_refused(anonymous: Caller) -> None:
    assert anonymous.get("/events/categories").status_code == 401


def test_the_list_comes_from_the_cache_until_a_category_changes(
    bob: Caller, root: Caller, django_assert_num_queries: Any
) -> None:
    def names() -> list[str]:
        return [category["name"] for category in bob.get("/events/categories").json()]

    before = names()
    with django_assert_num_queries(0):
        assert names() == before

    created = root.post("/events/categories", {"name": "Zoo"}).json()["id"]
    assert names() == [*before, "Zoo"]
    root.patch(f"/events/categories/{created}", {"name": "Zoology"})
    assert names() == [*before, "Zoology"]
    root.patch(f"/events/categories/{created}", {"is_active": False})
    assert names() == before
    root.patch(f"/events/categories/{created}", {"is_active": True})
    assert names() == [*before, "Zoology"]
    root.delete(f"/events/categories/{created}")
    assert names() == before


def test_an_admin_sees_the_inactive_ones_and_nobody_else_gets_them(bob: Caller, root: Caller) -> None:
    Category.objects.filter(name="Career").update(is_active=False)

    answers = [len(caller.get("/events/categories?include_inactive=true").json()) for caller in (root, bob, root)]

    assert answers == [6, 5, 6]
