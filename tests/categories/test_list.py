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
